// The list of booths as a pure function of what came: pages of the server, and news in between. News never moves a row: what no longer
// fits the filter stays where it is, marked, until the operator asks for the list anew.
import type { Booth, Booths, Live } from '../api/wire';
import { type Filter, matches } from './filter';

export interface Rows {
  filter: Filter;
  rows: Booth[];
  at: Map<string, number>; // id -> position
  total: number;
  next: string; // cursor of the page to come
  phase: 'loading' | 'partial' | 'whole' | 'failed';
  gone: ReadonlySet<string>; // ids that are no more
  fresh: ReadonlySet<string>; // ids that would be in the list if it were read now
}

export const nothing = (filter: Filter): Rows => ({
  filter,
  rows: [],
  at: new Map(),
  total: 0,
  next: '',
  phase: 'loading',
  gone: new Set(),
  fresh: new Set(),
});

// withPage appends a page. A booth that is there already (it moved between two pages) is renewed in its place.
export function withPage(s: Rows, page: Booths): Rows {
  const rows = [...s.rows];
  const at = new Map(s.at);
  for (const b of page.booths) {
    const i = at.get(b.id);
    if (i === undefined) at.set(b.id, rows.push(b) - 1);
    else rows[i] = b;
  }
  return { ...s, rows, at, total: Math.max(page.total, rows.length), next: page.next, phase: page.next ? 'partial' : 'whole' };
}

export const failed = (s: Rows): Rows => ({ ...s, phase: 'failed' });

export function withNews(s: Rows, batch: Live[]): Rows {
  let rows = s.rows;
  let { gone, fresh } = s;
  for (const n of batch) {
    if (n.gone) gone = plus(gone, n.gone.Booth);
    if (!n.booth) continue;
    const i = s.at.get(n.booth.id);
    if (i !== undefined) {
      if (rows === s.rows) rows = [...rows];
      rows[i] = n.booth;
      continue;
    }
    // Where the list is not whole yet, the booth may come with its page.
    const fits = matches(s.filter, n.booth);
    if (s.phase === 'whole' && fits !== fresh.has(n.booth.id)) fresh = fits ? plus(fresh, n.booth.id) : minus(fresh, n.booth.id);
  }
  return rows === s.rows && gone === s.gone && fresh === s.fresh ? s : { ...s, rows, gone, fresh };
}

function plus(s: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return s.has(id) ? s : new Set(s).add(id);
}

function minus(s: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const out = new Set(s);
  out.delete(id);
  return out;
}

// outdated counts what a new reading would change: rows that no longer fit and booths that would come.
export function outdated(s: Rows): number {
  if (s.phase !== 'whole') return 0;
  return s.fresh.size + s.gone.size + s.rows.reduce((n, b) => n + (matches(s.filter, b) ? 0 : 1), 0);
}
