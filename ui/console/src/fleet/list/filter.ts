// What is looked for among the booths. It lives in the address, so that a view can be bookmarked, sent to a colleague and gone back to.
import type { Filter } from '../api/fleet';
import { type Booth, presences, standings } from '../api/wire';

export type { Filter };

export const all: Filter = { q: '', presence: '', standing: '', group: '', district: '', drift: false };

export function fromSearch(s: URLSearchParams): Filter {
  const one = (name: string, of: readonly string[]): string => {
    const v = s.get(name) ?? '';
    return of.includes(v) ? v : '';
  };
  return {
    q: (s.get('q') ?? '').trim().slice(0, 100),
    presence: one('presence', presences),
    standing: one('standing', standings),
    group: s.get('group') ?? '',
    district: s.get('district') ?? '',
    drift: s.get('drift') === 'true',
  };
}

export function toSearch(f: Filter): string {
  const s = new URLSearchParams();
  for (const [k, v] of Object.entries(f)) if (v) s.set(k, String(v));
  return s.size === 0 ? '' : `?${s}`;
}

export const isAll = (f: Filter): boolean => toSearch(f) === '';
export const same = (a: Filter, b: Filter): boolean => toSearch(a) === toSearch(b);

// matches says whether a booth that has just changed still belongs into the view. The server decides what comes; this only says what to
// do with news in between.
export function matches(f: Filter, b: Booth): boolean {
  const q = f.q.toLowerCase();
  return (
    (!f.presence || b.presence === f.presence) &&
    (!f.standing || b.standing === f.standing) &&
    (!f.group || b.group === f.group) &&
    (!f.district || b.district === f.district) &&
    (!f.drift || b.drift > 0) &&
    (!q || [b.id, b.name, b.place_zh, b.place_en, b.fw].some((s) => s.toLowerCase().includes(q)))
  );
}
