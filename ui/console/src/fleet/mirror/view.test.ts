import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { view } from '../../../mock/fleet-sample.mjs';
import { runs, toView } from './view';

test('covered words become bars, others stay', () => {
  expect(runs('日期 ████')).toEqual([{ text: '日期 ', masked: false }, { text: '████', masked: true }]);
  expect(runs('••••••')).toEqual([{ text: '••••••', masked: true }]);
  expect(runs('•，••')).toEqual([{ text: '•', masked: true }, { text: '，', masked: false }, { text: '••', masked: true }]);
  expect(runs('SOS · 110')).toEqual([{ text: 'SOS · 110', masked: false }]);
  expect(runs('')).toEqual([]);
});

test('a picture is read with every part the kiosk has', () => {
  for (let i = 0; i < 5; i++) {
    const v = toView(view(i, '09:41'));
    expect(v?.clock).toBe('09:41');
    expect(v?.footer[0]?.emphasis).toBe('danger');
  }
  const go = readFileSync(new URL('../../../../view/view.go', import.meta.url), 'utf8');
  const struct = /type View struct \{([\s\S]*?)\n\}/.exec(go)?.[1] ?? '';
  const reader = readFileSync(new URL('./view.ts', import.meta.url), 'utf8');
  for (const m of struct.matchAll(/json:"(\w+)/g)) if (m[1] !== 'v') expect(reader, m[1]).toContain(`o.${m[1]}`);
});

test('what is no picture is none', () => {
  for (const x of [null, 'S1', [], {}, { screen: 'S10' }, { screen: 1 }]) expect(toView(x)).toBeNull();
  expect(toView({ screen: 'S1', tiles: [1, null, { id: 'a' }], captions: 'no', style: 7 })?.tiles).toHaveLength(1);
});
