import { expect, test } from 'vitest';
import type { Booth, Booths } from '../api/wire';
import { all, fromSearch, matches, toSearch } from './filter';
import { Reader } from './reader';
import { nothing, outdated, withNews, withPage } from './rows';

export const booth = (id: string, more: Partial<Booth> = {}): Booth => ({
  id, name: `亭 ${id}`, place_zh: '', place_en: '', district: 'huangpu', group: 'pilot', note: '', lat: null, lon: null, standing: 'in_service', presence: 'online',
  since_ms: 0, last_seen_ms: 0, fw: '1.0.0', board: 'sim', epoch: 1, skew_ms: 0, cert_expires_ms: 0, drift: 0, visit: false, pulse: null, pending: 0,
  claimed_ms: 0, claimed_by: '', reason: '', ...more,
});

test('a filter survives the address', () => {
  const f = { q: '豫园 1', presence: 'offline', standing: 'quarantined', group: 'a&b', district: 'xuhui', drift: true };
  expect(fromSearch(new URLSearchParams(toSearch(f).slice(1)))).toEqual(f);
  expect(toSearch(all)).toBe('');
  expect(fromSearch(new URLSearchParams('presence=nonsense&drift=1'))).toEqual(all);
});

test('news fits the filter as the server would have it', () => {
  const b = booth('sh-0001', { place_en: 'Yu Garden', presence: 'offline', drift: 2 });
  expect(matches({ ...all, q: 'YU GAR' }, b)).toBe(true);
  expect(matches({ ...all, q: 'nowhere' }, b)).toBe(false);
  expect(matches({ ...all, presence: 'online' }, b)).toBe(false);
  expect(matches({ ...all, drift: true }, b)).toBe(true);
});

test('pages append, and a booth that comes twice is one row', () => {
  let s = withPage(nothing(all), { booths: [booth('a'), booth('b')], next: 'x', total: 3 });
  expect(s.phase).toBe('partial');
  s = withPage(s, { booths: [booth('b', { name: 'newer' }), booth('c')], next: '', total: 3 });
  expect(s.rows.map((b) => b.id)).toEqual(['a', 'b', 'c']);
  expect(s.rows[1]?.name).toBe('newer');
  expect(s.phase).toBe('whole');
});

test('news renews rows in their place and moves none', () => {
  const filter = { ...all, presence: 'online' };
  const s = withPage(nothing(filter), { booths: [booth('a'), booth('b'), booth('c')], next: '', total: 3 });
  const after = withNews(s, [{ booth: booth('b', { presence: 'offline' }) }, { booth: booth('new') }, { gone: { Tenant: 'default', Booth: 'c' } }]);
  expect(after.rows.map((b) => b.id)).toEqual(['a', 'b', 'c']);
  expect(after.rows[1]?.presence).toBe('offline');
  expect([...after.fresh]).toEqual(['new']);
  expect(outdated(after)).toBe(3);
  expect(withNews(after, [{ booth: booth('new', { presence: 'offline' }) }]).fresh.size).toBe(0);
  expect(withNews(s, [{ event: { id: '1', booth: 'a', at_ms: 0, type: 'boot', visit: '', data: null } }])).toBe(s);
});

const pages = (n: number): ((f: unknown, cursor: string, limit: number) => Promise<Booths>) => async (_, cursor, limit) => {
  const from = Number(cursor || 0);
  const upto = Math.min(n, from + limit);
  return { booths: Array.from({ length: upto - from }, (_, i) => booth(String(from + i).padStart(5, '0'))), next: upto < n ? String(upto) : '', total: n };
};

const settled = (r: Reader): Promise<void> =>
  new Promise((done) => {
    const off = r.subscribe(() => {
      if (r.snapshot().phase === 'whole' || r.snapshot().phase === 'failed') {
        off();
        done();
      }
    });
  });

test('the reader reads ten thousand to the end and keeps what the news said meanwhile', async () => {
  const r = new Reader(all, pages(10_000));
  r.look(all);
  const whole = settled(r);
  const off = r.subscribe(() => {
    if (r.snapshot().rows.length >= 600 && r.snapshot().rows[0]?.presence === 'online') r.news([{ booth: booth('00000', { presence: 'offline' }) }]);
  });
  await whole;
  off();
  expect(r.snapshot().rows.length).toBe(10_000);
  expect(r.snapshot().rows[0]?.presence).toBe('offline');
});

test('a reader that fails says so, keeps what it has and goes on where it stopped', async () => {
  let broken = true;
  const source = pages(900);
  const r = new Reader(all, (f, c, l) => (c && broken ? Promise.reject(new Error('no')) : source(f, c, l)));
  r.look(all);
  await settled(r);
  expect(r.snapshot().phase).toBe('failed');
  expect(r.snapshot().rows.length).toBe(100);
  broken = false;
  const whole = settled(r);
  r.more();
  await whole;
  expect(r.snapshot().rows.length).toBe(900);
});
