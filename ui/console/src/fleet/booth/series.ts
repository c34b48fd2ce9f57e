// Roll-ups of five minutes become what a chart can show. Pure.
import type { SeriesPoint } from '../api/wire';

const minute = 60_000;
export const hours = [6, 24, 168, 720] as const;
export type Hours = (typeof hours)[number];

// step is how much time one mark of a line stands for, bar that of one bar: some hundred marks and some thirty bars whatever the range.
export const step: Record<Hours, number> = { 6: 5 * minute, 24: 5 * minute, 168: 30 * minute, 720: 120 * minute };
export const bar: Record<Hours, number> = { 6: 15 * minute, 24: 60 * minute, 168: 360 * minute, 720: 1440 * minute };

export interface Shown {
  name: string;
  kind: 'line' | 'sum';
  digits: number;
}

// A sum is of things that are counted since the last sample; a line is of things that are measured.
export const shown: Shown[] = [
  { name: 'temp_c', kind: 'line', digits: 0 },
  { name: 'cpu_pct', kind: 'line', digits: 0 },
  { name: 'mem_mb', kind: 'line', digits: 0 },
  { name: 'disk_free_mb', kind: 'line', digits: 0 },
  { name: 'rtt_ms', kind: 'line', digits: 0 },
  { name: 'outbox_rows', kind: 'line', digits: 0 },
  { name: 'visits', kind: 'sum', digits: 0 },
  { name: 'calls', kind: 'sum', digits: 0 },
  { name: 'xruns', kind: 'sum', digits: 0 },
];

export interface Mark {
  at: number;
  min: number;
  max: number;
  mean: number;
  sum: number;
}

// marks gathers points into steps that begin at the same times as everybody's, weighing each by how many samples it has.
export function marks(points: SeriesPoint[], size: number, offset = 0): Mark[] {
  const out: Mark[] = [];
  let n = 0;
  for (const p of points) {
    const at = Math.floor((p.at_ms + offset) / size) * size - offset;
    const last = out.at(-1);
    if (last?.at === at) {
      last.min = Math.min(last.min, p.min);
      last.max = Math.max(last.max, p.max);
      last.sum += p.mean * p.n;
      n += p.n;
      last.mean = last.sum / n;
    } else {
      n = p.n;
      out.push({ at, min: p.min, max: p.max, mean: p.mean, sum: p.mean * p.n });
    }
  }
  return out;
}

// gaps puts a hole where the booth said nothing for longer than two steps: a line drawn over it would be a tale.
export function gaps(m: Mark[], size: number): (Mark | { at: number })[] {
  const out: (Mark | { at: number })[] = [];
  for (const x of m) {
    const last = out.at(-1);
    if (last && x.at - last.at > 2 * size) out.push({ at: last.at + size });
    out.push(x);
  }
  return out;
}

export interface Facts {
  min: number;
  max: number;
  mean: number;
  sum: number;
}

export function facts(points: SeriesPoint[]): Facts | null {
  const [all] = marks(points, Number.MAX_SAFE_INTEGER);
  return all ? { min: all.min, max: all.max, mean: all.mean, sum: Math.round(all.sum) } : null;
}
