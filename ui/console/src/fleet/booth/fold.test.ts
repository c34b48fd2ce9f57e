import { expect, test } from 'vitest';
import type { Doc, Event } from '../api/wire';
import { fold } from './fold';

let n = 0;
const e = (at_ms: number, type: string, visit: string, data: Doc = {}): Event => ({ id: `e${n++}`, booth: 'dev', at_ms, type, visit, data });
const newestFirst = (...list: Event[]): Event[] => list.sort((a, b) => b.at_ms - a.at_ms);

test('a visit is what its events say together', () => {
  const [v, ...rest] = fold(
    newestFirst(
      e(1000, 'visit.started', 'a', { how: 'lift' }),
      e(3000, 'call.started', 'a', { kind: 'person' }),
      e(9000, 'call.ended', 'a', { kind: 'person', ms: 6000, cause: 'normal' }),
      e(10_000, 'visit.ended', 'a', { lang: 'zh', tasks: ['attraction.book'], turns: 7, ms: 9000, misses: 1, person: true }),
      e(500, 'boot', '', { reason: 'power' }),
    ),
  );
  expect(rest).toEqual([]);
  expect(v).toMatchObject({ id: 'a', at: 1000, how: 'lift', ended: true, ms: 9000, lang: 'zh', tasks: ['attraction.book'], turns: 7, misses: 1, outcome: 'person' });
  expect(v?.calls).toMatchObject([{ kind: 'person', at: 3000, ms: 6000, cause: 'normal' }]);
});

test('an emergency names its number, whichever event comes first', () => {
  const press = fold(newestFirst(e(1, 'emergency', 'a', { number: '120', test: true }), e(2, 'call.ended', 'a', { kind: 'emergency', ms: 5, cause: 'normal' })));
  expect(press[0]?.calls).toMatchObject([{ kind: 'emergency', number: '120', test: true, ms: 5 }]);
  const call = fold(newestFirst(e(1, 'call.started', 'b', { kind: 'emergency' }), e(2, 'emergency', 'b', { number: '110' })));
  expect(call[0]?.calls).toMatchObject([{ number: '110', ms: null }]);
  const all = fold(newestFirst(e(1, 'emergency', 'c', { number: '119' }), e(2, 'call.started', 'c', { kind: 'emergency' }), e(3, 'call.ended', 'c', { kind: 'emergency', ms: 1 })));
  expect(all[0]?.calls).toMatchObject([{ number: '119', at: 2, ms: 1 }]);
  expect(fold([e(7, 'emergency', '', { number: '119' })])).toMatchObject([{ at: 7, ended: false, calls: [{ number: '119' }] }]);
});

test('what was carried out is the outcome, and nobody who answers is said', () => {
  const [v] = fold(newestFirst(e(1, 'call.started', 'a', { kind: 'person' }), e(2, 'call.ended', 'a', { kind: 'person', ms: 20, answered: false }), e(3, 'visit.ended', 'a', { person: true, tools: { 'attraction.times': 'done', 'attraction.book': 'done' } })));
  expect(v?.outcome).toBe('done');
  expect(v?.calls[0]?.cause).toBe('no_answer');
  expect(fold([e(1, 'visit.ended', 'b', { tools: { 'attraction.book': 'failed' } })])[0]?.outcome).toBe('failed');
  expect(fold([e(1, 'visit.ended', 'c', { tools: { 'attraction.times': 'done' } })])[0]?.outcome).toBe('');
});

test('visits are newest first, one under way included, and one whose beginning is on the page before', () => {
  const v = fold(newestFirst(e(5000, 'visit.started', 'b', { how: 'touch' }), e(4000, 'visit.ended', 'a', { ms: 3000, tasks: 'taxi,doctor' })));
  expect(v.map((x) => [x.id, x.at, x.ended])).toEqual([['b', 5000, false], ['a', 1000, true]]);
  expect(v[1]?.tasks).toEqual(['taxi', 'doctor']);
});
