import { useEffect, useState } from 'react';
import { locale } from '../i18n';

// useNow renews the screen every `every` ms; 0 stops it.
export function useNow(every = 1000): number {
  const [now, set] = useState(() => Date.now());
  useEffect(() => {
    if (!every) return;
    set(Date.now());
    const timer = setInterval(() => set(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

const two = (n: number): string => String(n).padStart(2, '0');

// clock is 1:05 or 1:02:05; never negative.
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

// bigClock has minutes of two digits, so that a running timer does not move.
export function bigClock(ms: number): string {
  const text = clock(ms);
  return text.length === 4 ? `0${text}` : text;
}

export const hour = (ms: number, lang: string): string =>
  new Intl.DateTimeFormat(locale(lang), { hour: '2-digit', minute: '2-digit', hour12: false }).format(ms);

export const hourSecond = (ms: number, lang: string): string =>
  new Intl.DateTimeFormat(locale(lang), { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(ms);

export const day = (ms: number, lang: string): string =>
  new Intl.DateTimeFormat(locale(lang), { month: 'short', day: 'numeric', weekday: 'short' }).format(ms);

export const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

// cityDays lists the days that can be booked, as YYYY-MM-DD in the city's time zone, from today on.
export function cityDays(now: number, zone: string, count: number): string[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone || undefined, year: 'numeric', month: '2-digit', day: '2-digit' });
  const today = Date.parse(`${format.format(now)}T12:00:00Z`);
  return Array.from({ length: count }, (_, i) => new Date(today + i * 86_400_000).toISOString().slice(0, 10));
}

export const dateName = (date: string, lang: string): string =>
  new Intl.DateTimeFormat(locale(lang), { month: 'short', day: 'numeric', weekday: 'short', timeZone: 'UTC' }).format(
    Date.parse(`${date}T12:00:00Z`),
  );
