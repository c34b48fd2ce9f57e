import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clean, grouped, idForm, length, letters, stranger, whole } from './code';

test('the letters are those of fleet/claim.go', () => {
  const go = readFileSync(new URL('../../../../../fleet/claim.go', import.meta.url), 'utf8');
  expect(/claimLetters = "(\w+)"/.exec(go)?.[1]).toBe(letters);
  expect(Number(/ClaimLen = (\d+)/.exec(go)?.[1])).toBe(length);
});

test('a code is taken as people type it', () => {
  for (const typed of ['abcd-2345', ' ABCD 2345 ', 'ABCD—2345', 'https://x/fleet/claim?code=ABCD2345', 'http://h:1/fleet/claim?a=b&code=abcd-2345#x']) {
    expect(clean(typed), typed).toBe('ABCD2345');
  }
  expect(whole('ABCD2345')).toBe(true);
  expect(whole('ABCD234')).toBe(false);
  expect(whole('ABCD2340')).toBe(false);
  expect(stranger('AB0D')).toBe('0');
  expect(grouped('ABCD2345')).toBe('ABCD-2345');
  expect(grouped('ABC')).toBe('ABC');
});

test('ids are those that every engine takes in a topic', () => {
  for (const ok of ['dev', 'sh-00001', '7']) expect(idForm.test(ok), ok).toBe(true);
  for (const bad of ['', '-a', 'A', 'a_b', 'a b', 'a'.repeat(65), '亭']) expect(idForm.test(bad), bad).toBe(false);
});
