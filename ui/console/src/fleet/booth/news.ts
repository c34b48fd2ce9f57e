// What the live line says about a booth goes into what its page has read.
import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useLive } from '../api/live';
import type { Booth, Command, Commands, Live } from '../api/wire';

export interface Mirrored {
  command: Command;
  view: unknown;
  at: number;
}

export function useBoothNews(id: string): void {
  const client = useQueryClient();
  useLive(id, {
    news: (batch) => take(client, id, batch),
    back: () => void client.invalidateQueries({ predicate: (q) => q.queryKey[1] === id && q.queryKey[0] !== 'series' }),
  });
}

function take(client: QueryClient, id: string, batch: Live[]): void {
  let happened = false;
  let twin = false;
  for (const n of batch) {
    if (n.booth?.id === id) {
      twin ||= client.getQueryData<Booth>(['booth', id])?.drift !== n.booth.drift;
      client.setQueryData(['booth', id], n.booth);
    }
    if (n.command?.booth === id) {
      takeCommand(client, id, n.command);
    }
    if (n.event?.booth === id) {
      happened = true;
      twin ||= n.event.type === 'config.applied';
    }
  }
  if (happened) void client.invalidateQueries({ queryKey: ['events', id] });
  if (twin) void client.invalidateQueries({ queryKey: ['twin', id] });
}

export function takeCommand(client: QueryClient, id: string, c: Command): void {
  client.setQueryData<InfiniteData<Commands, string>>(['commands', id], (old) => withCommand(old, c));
  if (c.cmd !== 'mirror') return;
  const view = c.result?.view;
  client.setQueryData<Mirrored>(['mirror', id], (old) => {
    if (old && old.command.id > c.id) return old; // of an older watch
    const same = old?.command.id === c.id;
    return { command: c, view: view ?? (same ? old.view : undefined), at: view ? c.changed_ms : same ? old.at : 0 };
  });
}

// withCommand puts a command where it stands in the pages, or at the top when it is new. A late piece of news does not undo a newer one.
export function withCommand(old: InfiniteData<Commands, string> | undefined, c: Command): InfiniteData<Commands, string> | undefined {
  if (!old) return old;
  let found = false;
  const pages = old.pages.map((p) => ({
    ...p,
    commands: p.commands.map((x) => {
      if (x.id !== c.id) return x;
      found = true;
      return (c.steps?.length ?? 0) < (x.steps?.length ?? 0) || c.changed_ms < x.changed_ms ? x : c;
    }),
  }));
  const [first, ...rest] = pages;
  if (!found && first) return { ...old, pages: [{ ...first, commands: [c, ...first.commands] }, ...rest] };
  return { ...old, pages };
}
