import { expect, test } from 'vitest';
import { guess } from './guess';
import { cityDays } from './time';

const places = [
  { id: 'yu-garden', name: { zh: '豫园', en: 'Yu Garden' } },
  { id: 'shanghai-tower', name: { zh: '上海中心大厦', en: 'Shanghai Tower' } },
  { id: 'shanghai-museum', name: { zh: '上海博物馆', en: 'Shanghai Museum' } },
];
const days = cityDays(Date.parse('2026-11-01T04:00:00Z'), 'Asia/Shanghai', 31);
const said = (...values: string[]) => guess(values.map((value) => ({ label: '', value })), places, days);

test('an order as the bot tells it', () => {
  expect(said('豫园', '后天 11月22日 周日', '上午 9:00–12:00', '2 张')).toEqual({ place: 'yu-garden', date: '2026-11-22', session: 'morning', tickets: 2 });
  expect(said('Yu Garden', 'Sunday, November 22', 'in the afternoon, 13:00 to 16:00', '3')).toEqual({ place: 'yu-garden', date: '2026-11-22', session: 'afternoon', tickets: 3 });
});

test('what is not sure is not filled in', () => {
  expect(said('', '83920174', '4471', '黄浦', '99')).toEqual({});
  expect(said('12月25日')).toEqual({}); // not to be booked yet
});

test('one day is not another', () => {
  expect(said('11月2日').date).toBe('2026-11-02');
  expect(said('11月12日').date).toBe('2026-11-12');
  expect(said('2 Nov').date).toBe('2026-11-02');
  expect(said('Nov 30').date).toBe('2026-11-30');
  expect(said('2026-11-22').date).toBe('2026-11-22');
  expect(said('上海中心').place).toBe('shanghai-tower');
});
