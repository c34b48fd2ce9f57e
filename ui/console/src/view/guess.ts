// What the bot learnt comes as words for people ("后天 11月22日 周日"). guess reads the order out of them, so that the agent need not type
// again what the citizen has said. It only fills a form in: agent and citizen confirm it.

import type { Part, Place, Wish } from '../api/core';
import type { Slot } from '../desk/protocol';

export function guess(slots: Slot[], places: Place[], days: string[]): Partial<Wish> {
  const values = slots.map((s) => s.value.normalize('NFKC').trim().toLowerCase()).filter(Boolean);
  const wish: Partial<Wish> = {};
  for (const v of values) {
    wish.place ??= placeIn(v, places);
    wish.date ??= dayIn(v, days);
    wish.session ??= partIn(v);
    wish.tickets ??= ticketsIn(v);
  }
  return wish;
}

// The longest name that fits is meant: 上海中心大厦 before 上海中心.
function placeIn(value: string, places: Place[]): string | undefined {
  let best = '';
  let id: string | undefined;
  for (const p of places) {
    for (const name of Object.values(p.name).map((n) => n.toLowerCase())) {
      if ((value === name || value.includes(name) || (value.length > 1 && name.startsWith(value))) && name.length > best.length) [best, id] = [name, p.id];
    }
  }
  return id;
}

function dayIn(value: string, days: string[]): string | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return days.includes(value) ? value : undefined;
  const text = value.replace(/[\s,.]/g, '');
  return days.find((d) => {
    const date = new Date(`${d}T12:00:00Z`);
    const [n, month] = [date.getUTCDate(), date.getUTCMonth() + 1];
    const long = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(date).toLowerCase();
    const short = long.slice(0, 3);
    const names = [`${month}月${n}日`, `${long}${n}`, `${short}${n}`, `${n}${long}`, `${n}${short}`];
    return names.some((name) => {
      const at = text.indexOf(name);
      // 11月2日 is not in 11月22日, 1月2日 not in 11月2日, nov2 not in nov22.
      return at >= 0 && !/\d/.test(text[at - 1] ?? '') && !/\d/.test(text[at + name.length] ?? '');
    });
  });
}

function partIn(value: string): Part | undefined {
  if (/上午|早上|morning/.test(value)) return 'morning';
  return /下午|afternoon/.test(value) ? 'afternoon' : undefined;
}

function ticketsIn(value: string): number | undefined {
  const n = Number(/^(\d{1,2})\s*(张|tickets?)?$/.exec(value)?.[1] ?? 0);
  return n >= 1 && n <= 10 ? n : undefined;
}
