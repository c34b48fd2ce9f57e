import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Doc, Twin } from '../api/wire';
import { changes, force, parse, problems, rebase } from './diff';
import { fields } from './fields';

test('the fields and their limits are those of fleet.Settings', () => {
  const go = readFileSync(new URL('../../../../../fleet/settings.go', import.meta.url), 'utf8');
  const struct = /type Settings struct \{([\s\S]*?)\n\}/.exec(go)?.[1] ?? '';
  const types: Record<string, string> = { string: 'text', int: 'whole', float64: 'number', bool: 'bool' };
  const wanted = new Map([...struct.matchAll(/\*(\w+)\s+`json:"(\w+)/g)].map((m) => [m[2] ?? '', types[m[1] ?? '']]));
  expect(fields.map((f) => f.name).sort()).toEqual([...wanted.keys()].sort());
  for (const f of fields) if (f.kind !== 'choice') expect(f.kind, f.name).toBe(wanted.get(f.name));
  for (const m of go.matchAll(/\{"(\w+)", s\.\w+, (\d+)(?:, (\d+))?\}/g)) {
    const f = fields.find((x) => x.name === m[1]);
    expect([f?.least, f?.most], m[1]).toEqual(m[3] === undefined ? [undefined, Number(m[2])] : [Number(m[2]), Number(m[3])]);
  }
});

test('changes go field by field, in the order of the form', () => {
  const from: Doc = { brightness: 80, notice_zh: 'a', extra: { a: 1, b: 2 } };
  const to: Doc = { name_en: 'Yu Garden', brightness: 60, extra: { b: 2, a: 1 } };
  expect(changes(from, to)).toEqual([
    { field: 'name_en', before: undefined, after: 'Yu Garden' },
    { field: 'notice_zh', before: 'a', after: undefined },
    { field: 'brightness', before: 80, after: 60 },
  ]);
  expect(changes(from, from)).toEqual([]);
});

test('two who edit at once lose nothing', () => {
  const base: Doc = { brightness: 80, idle_s: 60, notice_zh: 'x' };
  const theirs: Doc = { brightness: 80, idle_s: 90, notice_zh: 'x', log_level: 'warn' };
  expect(rebase(base, { brightness: 40, idle_s: 60 }, theirs)).toEqual({ brightness: 40, idle_s: 90, log_level: 'warn' });
});

test('a field is in force, on its way, wrong, or nobody’s', () => {
  const t = { desired: { brightness: 60, idle_s: 90, notice_zh: '' }, reported: { brightness: 80, idle_s: 90, heartbeat_s: 30 }, errors: { brightness: 'no backlight' } } as unknown as Twin;
  expect(['brightness', 'idle_s', 'notice_zh', 'heartbeat_s'].map((f) => force(t, f))).toEqual(['error', 'inForce', 'unsaid', 'own']);
  expect(force({ ...t, errors: null, version: 2, reported_version: 1 }, 'brightness')).toBe('waiting');
  expect(force({ ...t, errors: { idle_s: 'no' }, version: 2, reported_version: 2 }, 'brightness')).toBe('held');
});

test('what the fleet would refuse is said before it is sent', () => {
  const bad: Doc = { idle_s: 10, brightness: 50.5, volume_step: 4, log_level: 'loud', out_of_order: 'yes', name_zh: '长'.repeat(41), colour: 'red', lat_deg: 31 };
  expect(Object.fromEntries([...problems(bad)].map(([k, p]) => [k, p.key]))).toEqual({
    idle_s: 'twin.range', brightness: 'twin.notWhole', volume_step: 'twin.range', log_level: 'twin.notOneOf', out_of_order: 'twin.notBool', name_zh: 'twin.tooLong', colour: 'twin.unknownField', lon_deg: 'twin.pair',
  });
  expect(problems({ idle_s: 30, brightness: 100, volume_step: 0, log_level: 'debug', out_of_order: false, name_zh: '𠀀'.repeat(40), lat_deg: 31.2, lon_deg: 121.4 }).size).toBe(0);
});

test('JSON is an object or not at all', () => {
  expect(parse('')).toEqual({});
  expect(parse('{"idle_s":30}')).toEqual({ idle_s: 30 });
  expect(typeof parse('[1]')).toBe('string');
  expect(typeof parse('{')).toBe('string');
});
