import { describe, expect, test } from 'vitest';
import { parse } from './protocol';
import { conversation, type DeskEvent, type DeskState, initial, onCall, reduce, restored } from './state';

const now = 1_780_000_000_000;

const contact = (more: object = {}): object => ({
  id: 'C1', booth: 'HP-021', place: '豫园路 85 号', kind: 'visit', lang: 'zh', reason: 'asked', task: 'attraction', intent: 'book',
  slots: [{ label: '景点', value: '豫园' }], turns: [{ who: 'citizen', text: '转人工', at_ms: now - 60_000 }],
  state: 'offered', queued_ms: now - 30_000, created_ms: now - 90_000, ...more,
});

// said turns a message of the core, as it comes over the wire, into an event.
function said(m: object, at = now): DeskEvent {
  const message = parse(JSON.stringify(m));
  if (!message) throw new Error(`not understood: ${JSON.stringify(m)}`);
  return { on: 'core', message, now: at };
}

const play = (events: DeskEvent[], from: DeskState = initial): DeskState => events.reduce(reduce, from);

const hello = (more: object = {}): DeskEvent =>
  said({ t: 'hello', agent: { id: 'a1', name: 'Li', langs: ['zh'], roles: ['agent'] }, state: 'available', reason: '', since_ms: now - 5000, contact: null, ...more });
const offer = said({ t: 'offer', offer: 'O1', contact: contact(), expires_ms: now + 20_000 });
const accepted = [
  hello(),
  offer,
  said({ t: 'offer_gone', offer: 'O1', why: 'accepted' }),
  said({ t: 'state', state: 'busy', reason: '', since_ms: now, contact: contact({ state: 'talking', answered_ms: now }) }),
];
const talking = [...accepted, said({ t: 'call', contact: 'C1', state: 'talking', cause: '' })];

describe('an offer', () => {
  test('rings with its context and a countdown', () => {
    const s = play([hello(), offer]);
    expect(s.state).toBe('offered');
    expect(s.offer).toMatchObject({ id: 'O1', rangAt: now, endsAt: now + 20_000 });
    expect(s.offer?.contact.slots).toEqual([{ label: '景点', value: '豫园' }]);
    expect(onCall(s)).toBe(false);
  });

  test('counts down from 20 s when the clocks disagree by minutes', () => {
    for (const expires_ms of [now - 300_000, now + 600_000, 0]) {
      const s = play([hello(), said({ t: 'offer', offer: 'O1', contact: contact(), expires_ms })]);
      expect(s.offer?.endsAt).toBe(now + 20_000);
    }
  });

  test('uses the clock of the core once that is known', () => {
    const s = play([hello(), { on: 'clock', skew: 120_000 }, said({ t: 'offer', offer: 'O1', contact: contact(), expires_ms: now + 120_000 + 15_000 })]);
    expect(s.offer?.endsAt).toBe(now + 15_000);
  });

  test.each(['declined', 'timeout', 'left', 'elsewhere'])('that ended by %s leaves a word and no contact', (why) => {
    const s = play([hello(), offer, said({ t: 'offer_gone', offer: 'O1', why })]);
    expect(s.offer).toBeNull();
    expect(s.contact).toBeNull();
    expect(s.missed).toMatchObject({ why, contact: { id: 'C1' } });
    expect(play([{ on: 'missed_seen' }], s).missed).toBeNull();
  });

  test('is not ended by news of an older one', () => {
    const s = play([hello(), offer, said({ t: 'offer_gone', offer: 'O0', why: 'timeout' })]);
    expect(s.offer?.id).toBe('O1');
  });

  test('takes up what is learnt while it rings', () => {
    const s = play([hello(), offer, said({ t: 'contact', contact: contact({ task: 'cancel' }) })]);
    expect(s.offer?.contact.task).toBe('cancel');
  });

  test('stops when the connection is lost: it cannot be answered', () => {
    const s = play([hello(), offer, { on: 'link', link: 'down', now: now + 1 }]);
    expect(s).toMatchObject({ offer: null, link: 'down', downAt: now + 1 });
  });
});

describe('a call', () => {
  test('goes from connecting to talking, hold and back, and its timer starts once', () => {
    let s = play(accepted);
    expect(s).toMatchObject({ state: 'busy', offer: null, missed: null });
    expect(s.call).toMatchObject({ contact: 'C1' });
    s = play([said({ t: 'call', contact: 'C1', state: 'talking', cause: '' }, now + 700)], s);
    const began = s.call?.startedAt;
    expect(onCall(s)).toBe(true);
    s = play([said({ t: 'call', contact: 'C1', state: 'held', cause: '' }, now + 5_000)], s);
    expect(s.call).toMatchObject({ state: 'held', heldAt: now + 5_000, startedAt: began });
    s = play([said({ t: 'call', contact: 'C1', state: 'talking', cause: '' }, now + 9_000)], s);
    expect(s.call).toMatchObject({ state: 'talking', heldAt: 0, startedAt: began });
  });

  test('that ends leaves the contact to wrap up, and the microphone open again', () => {
    const s = play([
      ...talking,
      { on: 'muted', muted: true },
      said({ t: 'call', contact: 'C1', state: 'ended', cause: 'normal' }, now + 60_000),
      said({ t: 'state', state: 'wrap_up', reason: '', since_ms: now + 60_000, contact: contact({ state: 'wrap_up' }) }, now + 60_000),
    ]);
    expect(s).toMatchObject({ state: 'wrap_up', muted: false, call: { state: 'ended', cause: 'normal', endedAt: now + 60_000 } });
    expect(s.contact?.id).toBe('C1');
    const after = play([{ on: 'wrapping' }, said({ t: 'state', state: 'available', reason: '', since_ms: now + 90_000, contact: null }, now + 90_000)], s);
    expect(after).toMatchObject({ contact: null, call: null, outbox: [], texts: {} });
  });

  const wrapUp = [
    ...talking,
    said({ t: 'call', contact: 'C1', state: 'ended', cause: 'normal' }),
    said({ t: 'state', state: 'wrap_up', reason: '', since_ms: now, contact: contact({ state: 'wrap_up' }) }),
  ];
  const free = said({ t: 'state', state: 'available', reason: '', since_ms: now + 60_000, contact: null }, now + 60_000);

  test('is put away when its outcome was said, whichever news comes first', () => {
    expect(play([...wrapUp, { on: 'wrapping' }, free, { on: 'wrapped' }])).toMatchObject({ contact: null, call: null, wrapping: false, late: false });
    expect(play([...wrapUp, { on: 'wrapping' }, { on: 'wrapped' }, free])).toMatchObject({ contact: null, call: null, wrapping: false, late: false });
  });

  test('stays to be written about when the time for it is over', () => {
    let s = play([...wrapUp, free]);
    expect(s).toMatchObject({ state: 'available', late: true, contact: { id: 'C1' }, call: { state: 'ended' } });
    s = play([said({ t: 'state', state: 'offered', reason: '', since_ms: now, contact: null })], s);
    expect(s.contact?.id).toBe('C1');
    expect(play([{ on: 'wrapping' }, { on: 'wrapped' }], s)).toMatchObject({ contact: null, late: false });
    expect(play([{ on: 'wrapping' }, { on: 'wrap_failed' }], s)).toMatchObject({ contact: { id: 'C1' }, late: true });
    const next = said({ t: 'state', state: 'busy', reason: '', since_ms: now, contact: contact({ id: 'C2', state: 'talking' }) });
    expect(play([next], s)).toMatchObject({ contact: { id: 'C2' }, late: false, call: { contact: 'C2' } });
  });

  test('survives the loss of the connection and the hello after it', () => {
    let s = play([...talking, { on: 'muted', muted: true }, { on: 'link', link: 'down', now: now + 10_000 }]);
    expect(onCall(s)).toBe(true);
    expect(s.contact?.id).toBe('C1');
    const began = s.call?.startedAt;
    s = play([{ on: 'link', link: 'down', now: now + 12_000 }], s);
    expect(s.downAt).toBe(now + 10_000);
    s = play([hello({ state: 'busy', contact: contact({ state: 'talking', answered_ms: now }) })], s);
    expect(s).toMatchObject({ link: 'up', downAt: 0, muted: true });
    expect(s.call).toMatchObject({ state: 'talking', startedAt: began });
  });

  test.each([
    ['talking', 'talking'],
    ['held', 'held'],
    ['wrap_up', 'ended'],
  ])('is known again after a reload: contact %s', (state, call) => {
    const s = play([hello({ state: state === 'wrap_up' ? 'wrap_up' : 'busy', contact: contact({ state, answered_ms: now - 40_000, ended_ms: now - 1_000 }) })]);
    expect(s.call).toMatchObject({ contact: 'C1', state: call, startedAt: now - 40_000 });
  });

  test('has ended when the core knows of none after a restart', () => {
    const s = play([...talking, { on: 'link', link: 'down', now }, hello({ state: 'offline' })]);
    expect(s).toMatchObject({ call: { state: 'ended' }, state: 'offline' });
    expect(onCall(s)).toBe(false);
  });

  test('goes on when the session ends', () => {
    let s = play([...talking, said({ t: 'error', ref: 'd1', code: 'sign_in', message: '' })]);
    expect(s.signIn).toBe(true);
    expect(onCall(s)).toBe(true);
    s = play([{ on: 'signed_in' }], s);
    expect(s.signIn).toBe(false);
  });

  test('moves to another tab', () => {
    const s = play([...talking, said({ t: 'elsewhere' })]);
    expect(s).toMatchObject({ link: 'elsewhere', call: null, contact: null });
  });
});

describe('typed text', () => {
  const typed: DeskEvent = { on: 'typed', ref: 'd7', text: '您好', now: now + 1_000 };
  const echo = said({ t: 'text', contact: 'C1', who: 'agent', text: '您好', at_ms: now + 1_050 });

  test('shows at once, is sent, and appears once when the core says what it kept', () => {
    let s = play([...talking, typed]);
    expect(s.outbox).toMatchObject([{ text: '您好', state: 'sending' }]);
    s = play([said({ t: 'ok', ref: 'd7' })], s);
    expect(s.outbox).toMatchObject([{ state: 'sent' }]);
    s = play([echo, echo], s);
    expect(s.outbox).toEqual([]);
    expect(s.texts.C1).toHaveLength(1);
  });

  test('appears once when the echo comes before the ok', () => {
    const s = play([...talking, typed, echo, said({ t: 'ok', ref: 'd7' })]);
    expect(s.outbox).toEqual([]);
    expect(s.texts.C1).toHaveLength(1);
  });

  test('that was refused stays, marked, and can go again', () => {
    let s = play([...talking, typed, said({ t: 'error', ref: 'd7', code: 'not_now', message: '' })]);
    expect(s.outbox).toMatchObject([{ state: 'failed' }]);
    s = play([echo], s); // the same words, sent another time
    expect(s.outbox).toMatchObject([{ state: 'failed' }]);
    expect(play([{ on: 'type_again', ref: 'd7' }], s).outbox).toEqual([]);
  });

  test('makes one timeline with what was said, whether or not the contact holds it', () => {
    const s = play([...talking, said({ t: 'text', contact: 'C1', who: 'citizen', text: '谢谢', at_ms: now + 3_000 }), echo]);
    const lines = ['转人工', '您好', '谢谢'];
    if (!s.contact) throw new Error('no contact');
    expect(conversation(s.contact, s.texts.C1).map((t) => t.text)).toEqual(lines);
    const whole = play([said({ t: 'contact', contact: contact({ state: 'talking', turns: [...s.contact.turns, ...(s.texts.C1 ?? [])] }) })], s);
    if (!whole.contact) throw new Error('no contact');
    expect(conversation(whole.contact, whole.texts.C1).map((t) => t.text)).toEqual(lines);
  });
});

describe('the rest', () => {
  test('queue and colleagues', () => {
    const s = play([said({ t: 'queue', waiting: [{ id: 'w', lang: 'en', booth: 'b', task: '', since_ms: 1, callback: true }], total: 140, agents: [{ name: 'x', state: 'away', reason: 'meal', since_ms: 1 }] })]);
    expect(s.total).toBe(140);
    expect(s.waiting[0]).toMatchObject({ callback: true });
    expect(s.agents[0]).toMatchObject({ reason: 'meal' });
  });

  test('the time in a state follows the clock of the core', () => {
    const s = play([{ on: 'clock', skew: 60_000 }, hello({ since_ms: now + 60_000 - 5_000 })]);
    expect(s.since).toBe(now - 5_000);
    expect(play([{ on: 'clock', skew: 900 }]).skew).toBe(0);
  });

  test('nothing that happens makes a state that a screen stumbles over', () => {
    const all: DeskEvent[] = [
      ...talking, offer, hello(), hello({ state: 'busy' }), hello({ state: 'wrap_up' }), { on: 'link', link: 'down', now }, said({ t: 'elsewhere' }),
      said({ t: 'text', contact: 'C9', who: 'citizen', text: 'x', at_ms: 0 }), said({ t: 'call', contact: 'C9', state: 'ended', cause: 'error' }),
      { on: 'typed', ref: 'd1', text: 'x', now }, said({ t: 'state', state: 'offered', reason: '', since_ms: 0, contact: null }),
    ];
    for (const a of all) {
      for (const b of all) {
        for (const c of all) {
          const s = play([a, b, c]);
          expect(s.offer !== null && s.link !== 'up' && s.link !== 'connecting').toBe(false);
          expect(s.since).toBeLessThanOrEqual(now);
          if (s.state === 'available' || s.state === 'offline' || s.state === 'away') expect(s.outbox.length && !s.contact).toBeFalsy();
        }
      }
    }
  });
});

describe('a core that was started anew', () => {
  const down: DeskEvent = { on: 'link', link: 'down', now };
  const blank = { t: 'hello', agent: { id: 'a1' }, state: 'offline', reason: '', since_ms: now, contact: null };
  const again = (before: DeskEvent[], at = now + 5_000): unknown => {
    const m = parse(JSON.stringify(blank));
    return m && restored(play([...before, down]), m, at);
  };

  test('finds its agents as they were', () => {
    expect(again([hello()])).toEqual({ state: 'available', reason: '' });
    expect(again([hello({ state: 'away', reason: 'meal' })])).toEqual({ state: 'away', reason: 'meal' });
    expect(again(talking)).toEqual({ state: 'available', reason: '' });
    const asked = said({ t: 'state', state: 'busy', reason: '', since_ms: now, next: 'away', next_reason: 'meal', contact: contact() });
    expect(again([...talking, asked])).toEqual({ state: 'away', reason: 'meal' });
  });

  test('calls nobody to work who was not there', () => {
    expect(again([hello({ state: 'offline' })])).toBeNull();
    expect(again([])).toBeNull();
    expect(again([hello()], now + 121_000)).toBeNull(); // who knows who sits here after so long
    const m = parse(JSON.stringify(blank));
    expect(m && restored(play([hello()]), m, now)).toBeNull(); // the link never broke: it is what the agent asked for
    expect(m && restored(play([hello(), said({ t: 'elsewhere' })]), m, now)).toBeNull();
  });

  test('does not take the contact away from who still has to write about it', () => {
    const s = play([...talking, down, said(blank)]);
    expect(s.late).toBe(true);
    expect(s.contact?.id).toBe('C1');
    expect(s.call).toMatchObject({ state: 'ended', cause: 'lost' });
    expect(play([{ on: 'wrapping' }, { on: 'wrapped' }], s).contact).toBeNull();
  });

  test('says so before, and no longer after', () => {
    const s = play([...talking, said({ t: 'restart', until_ms: now + 30_000 })]);
    expect(s.restartAt).toBe(now + 30_000);
    expect(play([down, said(blank)], s).restartAt).toBe(0);
  });
});
