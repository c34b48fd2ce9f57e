import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandNames, commandStates, presences, standings } from '../api/wire';
import { fields } from '../twin/fields';
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
  const alone = new Set(['language.other']);
  const unit = /\.unit\.|^twin\.json$/;
  const words = (text: string): boolean => /\p{L}/u.test(text.replace(/{{\w+}}/g, ''));
  for (const [key, text] of english) if (!alone.has(key)) expect(text, key).not.toMatch(/\p{Script=Han}/u);
  for (const [key, text] of chinese) if (!alone.has(key) && !unit.test(key) && words(text)) expect(text, key).toMatch(/\p{Script=Han}/u);
});

// Every key that the code names is there, and every word is said somewhere. Keys that are put together are checked by their first part.
test('no screen asks for a word that is not there, and no word is left over', () => {
  const root = new URL('..', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.tsx?$/.test(f) && !/\.test\.|^words\/(zh|en)/.test(f));
  const keys = [...chinese.keys()];
  const said = new Set<string>();
  for (const f of files) {
    const code = readFileSync(root + f, 'utf8');
    for (const m of code.matchAll(/(['`])([a-z]\w*(?:\.\w+)*\.(?:\w+)?)(\1|\$\{)|\b(?:t|known)\(\s*(?:t,\s*)?(['`])([\w.]+)(\4|\$\{)/g)) {
      const key = m[2] ?? m[5] ?? '';
      const whole = (m[3] ?? m[6]) !== '${';
      const hits = keys.filter((k) => (whole ? k === key || k.startsWith(`${key}.`) : k.startsWith(key)));
      if (m[5] !== undefined) expect(hits.length, `${f}: ${key}`).toBeGreaterThan(0);
      for (const k of hits) said.add(k);
    }
  }
  expect(keys.filter((k) => !said.has(k))).toEqual([]);
});

test('words that are put together exist for every value', () => {
  const has = (k: string): void => expect(chinese.has(k), k).toBe(true);
  for (const p of presences) has(`presence.${p}`);
  for (const s of standings) has(`standing.${s}`);
  for (const c of commandNames) for (const g of ['cmd', 'cmd.what']) has(`${g}.${c}`);
  for (const s of commandStates) has(`cmd.state.${s}`);
  for (const f of fields) for (const g of ['name', 'hint']) has(`twin.${g}.${f.name}`);
});
