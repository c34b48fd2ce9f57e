import { describe, expect, test } from 'vitest';
import { fingerprint, trouble } from './phone';
import { parse, toContact } from './protocol';

describe('what comes over the wire', () => {
  test.each(['', 'x', 'null', '[]', '1', '{}', '{"t":1}', '{"t":"new_kind"}', '{"t":"offer"}', '{"t":"offer","offer":"O","contact":{}}', '{"t":"contact","contact":null}'])(
    'is not believed: %s',
    (text) => expect(parse(text)).toBeUndefined(),
  );

  test('is made whole where something is missing', () => {
    expect(toContact({ id: 'C', slots: null, turns: [1, { text: 'x' }], kind: 'odd', queued_ms: '5' })).toEqual({
      id: 'C', booth: '', place: '', kind: 'visit', number: '', test: false, lang: '', reason: '', task: '', intent: '', slots: [], turns: [{ who: '', text: 'x', at_ms: 0 }],
      state: '', position: 0, created_ms: 0, queued_ms: 0, answered_ms: 0, ended_ms: 0, agent: '', disposition: '', note: '', timeline: [],
    });
    expect(parse('{"t":"state","state":"sleeping"}')).toMatchObject({ state: 'offline', contact: null });
    expect(parse('{"t":"queue"}')).toEqual({ t: 'queue', waiting: [], total: 0, agents: [] });
    expect(parse('{"t":"hello","agent":{"id":"a1"}}')).toMatchObject({ agent: { id: 'a1', name: 'a1', langs: [], roles: [] } });
  });

  test('every kind of the core is known', () => {
    for (const t of ['hello', 'state', 'offer_gone', 'call', 'text', 'queue', 'rtc_offer', 'elsewhere', 'error', 'ok']) {
      expect(parse(JSON.stringify({ t }))?.t).toBe(t);
    }
  });
});

test('the far end of a line is known by its fingerprint', () => {
  expect(fingerprint('v=0\r\na=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\n')).toBe('sha-256 AA:BB');
  expect(fingerprint('v=0\r\n')).toBe('');
});

test('trouble with the microphone has a name that the agent can act on', () => {
  const named = (name: string): Error => Object.assign(new Error(name), { name });
  expect(['NotAllowedError', 'SecurityError', 'NotFoundError', 'OverconstrainedError', 'NotReadableError', 'AbortError', 'x'].map((n) => trouble(named(n)))).toEqual([
    'denied', 'denied', 'missing', 'missing', 'busy', 'busy', 'missing',
  ]);
  expect(trouble('?')).toBe('missing');
});
