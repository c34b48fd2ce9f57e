import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runs, toView } from './view';

test('covered words become bars, others stay', () => {
  expect(runs('日期 ████')).toEqual([{ text: '日期 ', masked: false }, { text: '████', masked: true }]);
  expect(runs('••••••')).toEqual([{ text: '••••••', masked: true }]);
  expect(runs('•，••')).toEqual([{ text: '•', masked: true }, { text: '，', masked: false }, { text: '••', masked: true }]);
  expect(runs('SOS · 110')).toEqual([{ text: 'SOS · 110', masked: false }]);
  expect(runs('')).toEqual([]);
});

test('a picture is read with every part the kiosk has', () => {
  const v = toView({
    v: 1, visit: 'x', screen: 'S5', lang: 'zh', style: { large: true, contrast: false }, clock: '09:41', place: '豫园', title: '••', captions: [{ who: 'bot', text: '••' }],
    card: { title: '••', rows: [{ label: '••', value: '••' }] }, choices: [{ id: 'yes', label: '•', key: '1', emphasis: 'primary' }], strip: { activity: 'listening', label: '我在听' },
    footer: [{ id: 'sos', label: '紧急求助', emphasis: 'danger' }], ticket: { title: '••', number: '••', code: '•', rows: [] }, line: { state: 'ringing', who: '••', label: '', seconds: 3 },
    pad: { label: '•', value: '••', max: 11, min: 11 }, banner: { kind: 'test', text: '测试' }, tiles: [], home: { id: 'home', label: '首页' }, volume: 2,
  });
  expect(v).toMatchObject({ screen: 'S5', clock: '09:41', large: true, volume: 2, choices: [{ key: '1', soon: false }], slip: { number: '••' }, line: { seconds: 3 }, pad: { max: 11 }, home: { label: '首页' } });
  expect(v?.card?.rows).toHaveLength(1);
  const go = readFileSync(new URL('../../../../view/view.go', import.meta.url), 'utf8');
  const struct = /type View struct \{([\s\S]*?)\n\}/.exec(go)?.[1] ?? '';
  const reader = readFileSync(new URL('./view.ts', import.meta.url), 'utf8');
  for (const m of struct.matchAll(/json:"(\w+)/g)) if (m[1] !== 'v') expect(reader, m[1]).toContain(`o.${m[1]}`);
});

test('what is no picture is none', () => {
  for (const x of [null, 'S1', [], {}, { screen: 'S10' }, { screen: 1 }]) expect(toView(x)).toBeNull();
  expect(toView({ screen: 'S1', tiles: [1, null, { id: 'a' }], captions: 'no', style: 7 })?.tiles).toHaveLength(1);
});
