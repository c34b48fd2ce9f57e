import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dispositions, awayReasons } from '../desk/protocol';
import { shortcuts } from '../view/keys';
import { en } from './en';
import { zh } from './zh';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, at = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [k, v] of Object.entries(tree)) {
    if (typeof v === 'string') out.set(at + k, v);
    else for (const [k2, v2] of flat(v, `${at}${k}.`)) out.set(k2, v2);
  }
  return out;
}

const chinese = flat(zh);
const english = flat(en);

test('both languages have the same words to say', () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('');
});

test('both fill in the same things', () => {
  const holes = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((m) => m[1] ?? '').sort();
  for (const [key, text] of chinese) expect(holes(english.get(key) ?? ''), key).toEqual(holes(text));
});

test('Chinese is Chinese and English is English', () => {
  const alone = new Set(['language.other', 'language.self', 'booking.ticketCount_one', 'booking.ticketCount_other']);
  for (const [key, text] of english) if (!alone.has(key)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
  for (const [key, text] of chinese) if (!alone.has(key)) expect(text, key).toMatch(/\p{Script=Han}/u);
});

// Every key that the code names is there. Keys that are put together are checked by their first part.
test('no screen asks for a word that is not there', () => {
  const root = new URL('..', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f) && !f.includes('.test.') && !f.startsWith('fleet/')); // the fleet has words of its own
  const keys = [...chinese.keys()];
  let seen = 0;
  for (const f of files) {
    const code = readFileSync(root + f, 'utf8');
    for (const m of code.matchAll(/\bt\(\s*(['`])([\w.]+)(\1|\$\{)/g)) {
      seen++;
      const key = m[2] ?? '';
      const whole = m[3] !== '${';
      expect(keys.some((k) => (whole ? k === key || k === `${key}_other` : k.startsWith(key))), `${f}: ${key}`).toBe(true);
    }
  }
  expect(seen).toBeGreaterThan(100);
});

test('words that are put together exist for every value', () => {
  for (const d of dispositions) for (const g of ['what', 'hint']) expect(chinese.has(`wrap.${g}.${d}`)).toBe(true);
  for (const r of [...awayReasons, 'no answer', 'no audio']) expect(chinese.has(`reason.${r}`)).toBe(true);
  for (const s of ['offline', 'available', 'offered', 'busy', 'wrap_up', 'away']) expect(chinese.has(`state.${s}`)).toBe(true);
  for (const s of ['connecting', 'talking', 'held', 'ended']) expect(chinese.has(`call.${s}`)).toBe(true);
  for (const m of ['denied', 'missing', 'busy', 'insecure']) for (const g of ['title', 'help']) expect(chinese.has(`mic.${g}.${m}`)).toBe(true);
  for (const k of shortcuts) expect(chinese.has(`keys.${k.what}`)).toBe(true);
  for (const c of ['invalid', 'sign_in', 'gone', 'not_now', 'phone', 'unavailable']) expect(chinese.has(`error.${c}`)).toBe(true);
  for (const c of ['invalid', 'not_found', 'sold_out', 'closed', 'too_many', 'unavailable', 'uncertain', 'denied', 'unauthenticated', 'internal']) expect(chinese.has(`error.${c}`)).toBe(true);
});
