import { expect, test } from 'vitest';
import { ulid } from '../api/http';
import { digits } from './BookingFind';
import { bigClock, cityDays, clock } from './time';

test('timers', () => {
  expect([-5, 0, 999, 65_000, 3_600_000, 36_065_000].map(clock)).toEqual(['0:00', '0:00', '0:00', '1:05', '1:00:00', '10:01:05']);
  expect([0, 65_000, 725_000, 3_600_000].map(bigClock)).toEqual(['00:00', '01:05', '12:05', '1:00:00']);
});

test('the days of the city, not of the machine', () => {
  const late = Date.parse('2026-11-20T17:30:00Z'); // half past one in the morning in Shanghai
  expect(cityDays(late, 'Asia/Shanghai', 3)).toEqual(['2026-11-21', '2026-11-22', '2026-11-23']);
  expect(cityDays(late, 'America/New_York', 2)).toEqual(['2026-11-20', '2026-11-21']);
  expect(cityDays(Date.parse('2026-12-30T03:00:00Z'), 'Asia/Shanghai', 4).at(-1)).toBe('2027-01-02');
});

test('an idempotency key is a ULID', () => {
  expect(ulid()).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect(ulid(1_469_918_176_385).slice(0, 10)).toBe('01ARYZ6S41'); // the ULID specification's own example
  expect(new Set(Array.from({ length: 100 }, () => ulid())).size).toBe(100);
});

test('digits as people paste them', () => {
  expect(digits('８３９２-0174 ', 8)).toBe('83920174');
  expect(digits('no.', 4)).toBe('');
});
