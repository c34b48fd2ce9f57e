import { expect, test } from 'vitest';
import type { SeriesPoint } from '../api/wire';
import { facts, gaps, marks } from './series';

const p = (at_ms: number, mean: number, n = 10, min = mean - 1, max = mean + 1): SeriesPoint => ({ at_ms, mean, n, min, max });

test('points gather into steps, weighed by their samples', () => {
  const m = marks([p(0, 10, 10), p(5, 40, 5), p(10, 7)], 10);
  expect(m.map((x) => x.at)).toEqual([0, 10]);
  expect(m[0]).toMatchObject({ min: 9, max: 41, mean: 20, sum: 300 });
});

test('days begin where the operator’s days begin', () => {
  expect(marks([p(15, 1), p(17, 1)], 10, 4).map((x) => x.at)).toEqual([6, 16]);
});

test('silence is a hole, not a line', () => {
  const g = gaps(marks([p(0, 1), p(10, 1), p(50, 1)], 10), 10);
  expect(g.map((x) => x.at)).toEqual([0, 10, 20, 50]);
  expect('mean' in (g[2] ?? {})).toBe(false);
});

test('facts of a whole range', () => {
  expect(facts([p(0, 10, 1), p(10, 20, 3)])).toMatchObject({ min: 9, max: 21, mean: 17.5, sum: 70 });
  expect(facts([])).toBeNull();
});
