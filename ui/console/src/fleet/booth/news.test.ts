import { expect, test } from 'vitest';
import type { Command, Commands, CommandState } from '../api/wire';
import { withCommand } from './news';

const command = (id: string, state: CommandState, changed_ms: number, steps = 1): Command => ({
  id, booth: 'dev', cmd: 'tone', args: null, force: false, state, result: null, error: '', actor: 'desk:admin', created_ms: 0, sent_ms: 0, changed_ms, expires_ms: 0,
  steps: Array.from({ length: steps }, (_, i) => ({ state: 'queued', at_ms: i })),
});
const pages = (...lists: Command[][]): { pages: Commands[]; pageParams: string[] } => ({ pages: lists.map((commands) => ({ commands, next: '' })), pageParams: lists.map(() => '') });

test('a command moves on where it stands, on whatever page', () => {
  const after = withCommand(pages([command('b', 'done', 9)], [command('a', 'queued', 1)]), command('a', 'running', 5, 3));
  expect(after?.pages.map((p) => p.commands.map((c) => c.state))).toEqual([['done'], ['running']]);
});

test('a new command comes first', () => {
  expect(withCommand(pages([command('a', 'done', 1)]), command('b', 'queued', 2))?.pages[0]?.commands.map((c) => c.id)).toEqual(['b', 'a']);
});

test('late news does not undo what is newer', () => {
  const old = pages([command('a', 'done', 9, 5)]);
  expect(withCommand(old, command('a', 'running', 5, 4))?.pages[0]?.commands[0]?.state).toBe('done');
  expect(withCommand(old, command('a', 'running', 9, 4))?.pages[0]?.commands[0]?.state).toBe('done');
  expect(withCommand(undefined, command('a', 'done', 1))).toBeUndefined();
});
