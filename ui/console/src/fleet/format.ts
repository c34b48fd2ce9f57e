import { useEffect, useState } from 'react';

export const locale = (lang: string): string => (lang === 'en' ? 'en-GB' : 'zh-CN');

let skew = 0; // the core's clock minus this machine's, in ms

// setSkew is told at every answer. A second or two are the answer's own age; more is a clock that is wrong.
export function setSkew(ms: number): void {
  skew = Math.abs(ms) > 2_500 ? ms : 0;
}

// coreNow is what time it is for the core: whatever this machine's clock says, "a minute ago" is a minute ago.
export const coreNow = (): number => Date.now() + skew;

// useNow renews the screen every so often, together with everybody else who wants the same beat.
export function useNow(every = 5_000): number {
  const [now, set] = useState(coreNow);
  useEffect(() => {
    const timer = setInterval(() => set(coreNow()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

// A format costs more to make than to use, and a table uses it a thousand times.
function keep<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: () => T): T {
  let f = kept.get(key) as T | undefined;
  if (!f) {
    f = make();
    kept.set(key, f);
  }
  return f;
}

// span is how long something lasts in its largest unit: 3 分钟, 3 min.
export function span(ms: number, lang: string): string {
  const [unit, size] = units.find(([, size]) => Math.abs(ms) >= size) ?? (['second', 1000] as const);
  const n = Math.floor(Math.abs(ms) / size);
  return keep(`span ${lang} ${unit}`, () => new Intl.NumberFormat(locale(lang), { style: 'unit', unit, unitDisplay: 'short' })).format(n);
}

// ago is how long something is past: 3 分钟前, 3 min ago.
export function ago(ms: number, lang: string): string {
  const [unit, size] = units.find(([, size]) => ms >= size) ?? (['second', 1000] as const);
  return keep(`ago ${lang}`, () => new Intl.RelativeTimeFormat(locale(lang), { style: 'short' })).format(-Math.max(0, Math.floor(ms / size)), unit);
}

const dates: Record<string, Intl.DateTimeFormatOptions> = {
  full: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  short: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  day: { year: 'numeric', month: 'short', day: 'numeric', weekday: 'short' },
  date: { year: 'numeric', month: '2-digit', day: '2-digit' },
};

export const when = (ms: number, lang: string, how: keyof typeof dates = 'full'): string =>
  ms ? keep(`when ${lang} ${how}`, () => new Intl.DateTimeFormat(locale(lang), dates[how])).format(ms) : '';

export const count = (n: number, lang: string): string => keep(`count ${lang}`, () => new Intl.NumberFormat(locale(lang))).format(n);

export const number = (n: number, digits = 1): string => (Number.isInteger(n) ? String(n) : n.toFixed(digits));

// lasting is 1:05 or 1:02:05, for calls and visits.
export function lasting(ms: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const s = Math.max(0, Math.round(ms / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

export const placeOf = (b: { place_zh: string; place_en: string }, lang: string): string =>
  lang === 'en' ? b.place_en || b.place_zh : b.place_zh || b.place_en;

// languageName says in the operator's language which one a citizen speaks.
export function languageName(tag: string, lang: string): string {
  try {
    return new Intl.DisplayNames([locale(lang)], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
