// What the desk knows, as a pure function of what happened. Nothing in here asks the time, rings or sends: desk.ts does.

import type { Agent, AgentState, CallState, Colleague, Contact, FromCore, Turn, Waiting } from './protocol';

export type Link = 'connecting' | 'up' | 'down' | 'elsewhere';
export type Mic = 'unknown' | 'asking' | 'ready' | 'denied' | 'missing' | 'busy' | 'insecure';
export type Media = 'none' | 'connecting' | 'connected' | 'lost';

// Offer is a contact that rings here. endsAt is by this machine's clock.
export interface Offer {
  id: string;
  contact: Contact;
  rangAt: number;
  endsAt: number;
}

export interface Call {
  contact: string;
  state: CallState;
  cause: string;
  startedAt: number; // when both could talk, 0 before
  endedAt: number;
  heldAt: number;
}

// Outgoing is what the agent typed and has not yet come back from the core.
export interface Outgoing {
  ref: string;
  contact: string;
  text: string;
  at: number;
  state: 'sending' | 'sent' | 'failed';
}

export interface DeskState {
  link: Link;
  downAt: number; // since when link is not up, 0 while it is
  restartAt: number; // by when the core that is being restarted ends its calls, 0 while it is not
  signIn: boolean; // the session has ended: sign in again, a call goes on meanwhile
  skew: number; // core's clock minus this one's, ms
  agent: Agent | null;
  state: AgentState;
  reason: string;
  next: AgentState | ''; // what the agent asked to be after the contact in hand
  nextReason: string;
  since: number; // by this machine's clock
  contact: Contact | null; // the one in hand: talking, held or in wrap-up
  wrapping: boolean; // the outcome is on its way to the core
  late: boolean; // the core's time to wrap up is over, and the outcome is not said yet
  texts: Record<string, Turn[]>; // what was typed at either end, by contact
  outbox: Outgoing[];
  offer: Offer | null;
  missed: { why: string; contact: Contact; at: number } | null; // the last offer that came to nothing
  call: Call | null;
  waiting: Waiting[]; // the first hundred
  total: number; // how many wait in all
  agents: Colleague[];
  mic: Mic;
  media: Media;
  muted: boolean;
  soundBlocked: boolean; // the browser wants a click before it lets us ring
}

export const initial: DeskState = {
  link: 'connecting',
  downAt: 0,
  restartAt: 0,
  signIn: false,
  skew: 0,
  agent: null,
  state: 'offline',
  reason: '',
  next: '',
  nextReason: '',
  since: 0,
  contact: null,
  wrapping: false,
  late: false,
  texts: {},
  outbox: [],
  offer: null,
  missed: null,
  call: null,
  waiting: [],
  total: 0,
  agents: [],
  mic: 'unknown',
  media: 'none',
  muted: false,
  soundBlocked: false,
};

export type DeskEvent =
  | { on: 'core'; message: FromCore; now: number }
  | { on: 'link'; link: Link; now: number }
  | { on: 'clock'; skew: number }
  | { on: 'signed_out' }
  | { on: 'signed_in' }
  | { on: 'mic'; mic: Mic }
  | { on: 'media'; media: Media }
  | { on: 'muted'; muted: boolean }
  | { on: 'sound_blocked'; blocked: boolean }
  | { on: 'typed'; ref: string; text: string; now: number }
  | { on: 'type_failed'; ref: string }
  | { on: 'type_again'; ref: string }
  | { on: 'wrapping' }
  | { on: 'wrapped' }
  | { on: 'wrap_failed' }
  | { on: 'missed_seen' };

// offerTime is how long an offer rings when the core's own time cannot be believed.
const offerTime = 20_000;

export function reduce(s: DeskState, e: DeskEvent): DeskState {
  switch (e.on) {
    case 'core':
      return core(s, e.message, e.now);
    case 'link':
      if (e.link === 'up') return { ...s, link: 'up', downAt: 0 };
      // Without the core an offer cannot be answered, and it will ring elsewhere.
      return { ...s, link: e.link, downAt: s.downAt || e.now, offer: null };
    case 'clock': // an HTTP date is whole seconds: less than that is no news
      return { ...s, skew: Math.abs(e.skew) < 1500 ? 0 : e.skew };
    case 'signed_out':
      return { ...s, signIn: true };
    case 'signed_in':
      return { ...s, signIn: false };
    case 'mic':
      return { ...s, mic: e.mic };
    case 'media':
      return { ...s, media: e.media };
    case 'muted':
      return { ...s, muted: e.muted };
    case 'sound_blocked':
      return { ...s, soundBlocked: e.blocked };
    case 'typed':
      if (!s.contact) return s;
      return { ...s, outbox: [...s.outbox, { ref: e.ref, contact: s.contact.id, text: e.text, at: e.now, state: 'sending' }] };
    case 'type_failed':
      return { ...s, outbox: mark(s.outbox, e.ref, 'failed') };
    case 'type_again': // it goes out under a new ref
      return { ...s, outbox: s.outbox.filter((o) => o.ref !== e.ref) };
    case 'wrapping':
      return { ...s, wrapping: true };
    case 'wrap_failed':
      return { ...s, wrapping: false };
    case 'wrapped':
      return s.late ? { ...s, ...nothingInHand, wrapping: false } : s; // in time, the core says what comes next
    case 'missed_seen':
      return { ...s, missed: null };
  }
}

function core(s: DeskState, m: FromCore, now: number): DeskState {
  switch (m.t) {
    case 'hello':
      return hello(s, m, now);
    case 'state':
      return present(s, m, now);
    case 'offer':
      return offered(s, m, now);
    case 'offer_gone':
      return offerGone(s, m.offer, m.why, now);
    case 'call':
      return called(s, m, now);
    case 'text':
      return texted(s, m.contact, { who: m.who, text: m.text, at_ms: m.at_ms || now + s.skew });
    case 'contact':
      return renewed(s, m.contact);
    case 'queue':
      return { ...s, waiting: m.waiting, total: m.total, agents: m.agents };
    case 'restart':
      return { ...s, restartAt: m.until_ms - s.skew || now };
    case 'elsewhere':
      return { ...s, link: 'elsewhere', offer: null, call: null, contact: null };
    case 'ok':
      return { ...s, outbox: mark(s.outbox, m.ref, 'sent') };
    case 'error':
      return { ...s, outbox: mark(s.outbox, m.ref, 'failed'), signIn: s.signIn || m.code === 'sign_in' };
    case 'rtc_offer':
      return s;
  }
}

// hello starts anew from what the core says: it is the owner of the truth, also after a reload of this page.
function hello(s: DeskState, m: Extract<FromCore, { t: 'hello' }>, now: number): DeskState {
  const next = { ...s, agent: m.agent, link: 'up' as const, downAt: 0, restartAt: 0, signIn: false, offer: null };
  return present(m.state === 'busy' || m.state === 'wrap_up' ? next : cutOff(next, now), m, now);
}

// cutOff ends the call that the core does not know any more: it was started anew, or has given the citizen to somebody else. What the agent
// is writing stays, and can still be sent.
function cutOff(s: DeskState, now: number): DeskState {
  if (!s.contact || !s.call || s.call.state === 'ended') return s;
  return { ...s, late: true, call: { ...s.call, state: 'ended', cause: 'lost', endedAt: now } };
}

// restored is what the agent was before the link broke and shall be again, if the core has forgotten it: it was started anew, or has waited
// long enough. After a longer break nobody may be sitting here any more.
export function restored(before: DeskState, m: FromCore, now: number): { state: 'available' | 'away'; reason: string } | null {
  if (m.t !== 'hello' || m.state !== 'offline' || before.link !== 'down' || now - before.downAt > restoreTime) return null;
  if (before.state === 'offline' || before.next === 'offline') return null;
  if (before.next === 'away') return { state: 'away', reason: before.nextReason };
  if (before.state === 'away') return { state: 'away', reason: before.reason };
  return { state: 'available', reason: '' };
}

const restoreTime = 120_000;

type PresenceOf = Omit<Extract<FromCore, { t: 'state' }>, 't'>;

function present(s: DeskState, m: PresenceOf, now: number): DeskState {
  const since = m.since_ms > 0 ? Math.min(m.since_ms - s.skew, now) : now;
  const next: DeskState = { ...s, state: m.state, reason: m.reason, next: m.next, nextReason: m.next_reason, since };
  switch (m.state) {
    case 'offered': // its contact comes with the offer
      return s.late ? next : { ...next, ...nothingInHand };
    case 'busy':
      return inHand({ ...next, offer: null }, m.contact ?? s.contact ?? s.offer?.contact ?? null, now);
    case 'wrap_up': {
      const held = inHand({ ...next, offer: null }, m.contact ?? s.contact, now);
      if (!held.call || held.call.state === 'ended') return { ...held, muted: false };
      return { ...held, muted: false, call: { ...held.call, state: 'ended', endedAt: held.call.endedAt || since } };
    }
    default:
      // The time to write is over, the writing is not: what stands there must not vanish under the agent's hands.
      if (s.contact && s.call?.state === 'ended' && !s.wrapping && (s.state === 'wrap_up' || s.late)) {
        return { ...next, offer: null, late: true, muted: false };
      }
      return { ...next, ...nothingInHand, offer: null, wrapping: false, muted: false };
  }
}

const nothingInHand = { contact: null, call: null, late: false, outbox: [], texts: {} };

// inHand takes a contact up; a page that was reloaded in mid-call learns the call from it.
function inHand(s: DeskState, contact: Contact | null, now: number): DeskState {
  if (!contact) return s;
  if (s.call?.contact === contact.id) return { ...s, contact };
  return { ...s, contact, call: callOf(contact, s.skew, now), missed: null, late: false, wrapping: false };
}

function callOf(c: Contact, skew: number, now: number): Call {
  const startedAt = c.answered_ms > 0 ? Math.min(c.answered_ms - skew, now) : 0;
  const call: Call = { contact: c.id, state: 'connecting', cause: '', startedAt, endedAt: 0, heldAt: 0 };
  switch (c.state) {
    case 'talking':
      return { ...call, state: 'talking', startedAt: startedAt || now };
    case 'held':
      return { ...call, state: 'held', startedAt: startedAt || now, heldAt: now };
    case 'wrap_up':
    case 'closed':
      return { ...call, state: 'ended', endedAt: c.ended_ms > 0 ? Math.min(c.ended_ms - skew, now) : now };
    default:
      return call;
  }
}

function offered(s: DeskState, m: Extract<FromCore, { t: 'offer' }>, now: number): DeskState {
  if (s.link === 'down' || s.link === 'elsewhere') return s; // a straggler: it could not be answered
  const left = m.expires_ms - s.skew - now;
  // A clock that is wrong by minutes must not hide the countdown.
  const endsAt = left > 0 && left <= 60_000 ? now + left : now + offerTime;
  return { ...s, state: 'offered', offer: { id: m.offer, contact: m.contact, rangAt: now, endsAt }, missed: null };
}

function offerGone(s: DeskState, id: string, why: string, now: number): DeskState {
  if (s.offer?.id !== id) return s;
  if (why === 'accepted') return inHand({ ...s, offer: null }, s.offer.contact, now);
  return { ...s, offer: null, missed: { why, contact: s.offer.contact, at: now } };
}

function called(s: DeskState, m: Extract<FromCore, { t: 'call' }>, now: number): DeskState {
  const old: Call =
    s.call?.contact === m.contact ? s.call : { contact: m.contact, state: 'connecting', cause: '', startedAt: 0, endedAt: 0, heldAt: 0 };
  const live = m.state === 'talking' || m.state === 'held';
  const call: Call = {
    ...old,
    state: m.state,
    cause: m.cause,
    startedAt: old.startedAt || (live ? now : 0),
    heldAt: m.state === 'held' ? old.heldAt || now : 0,
    endedAt: m.state === 'ended' ? old.endedAt || now : 0,
  };
  return { ...s, call, muted: m.state === 'ended' ? false : s.muted };
}

function texted(s: DeskState, contact: string, turn: Turn): DeskState {
  const known = s.texts[contact] ?? [];
  if (known.some((k) => same(k, turn))) return s;
  let outbox = s.outbox;
  if (turn.who === 'agent') {
    const mine = outbox.findIndex((o) => o.contact === contact && o.text === turn.text && o.state !== 'failed');
    if (mine >= 0) outbox = outbox.filter((_, i) => i !== mine);
  }
  return { ...s, outbox, texts: { ...s.texts, [contact]: [...known, turn] } };
}

function renewed(s: DeskState, contact: Contact): DeskState {
  if (s.offer?.contact.id === contact.id) return { ...s, offer: { ...s.offer, contact } };
  if (s.contact?.id === contact.id) return { ...s, contact };
  return s;
}

const mark = (outbox: Outgoing[], ref: string, state: Outgoing['state']): Outgoing[] =>
  outbox.some((o) => o.ref === ref) ? outbox.map((o) => (o.ref === ref ? { ...o, state } : o)) : outbox;

const same = (a: Turn, b: Turn): boolean => a.who === b.who && a.text === b.text && a.at_ms === b.at_ms;

// conversation is all that was said and typed, in order, each once: the contact's turns may or may not hold what was typed.
export function conversation(contact: Contact, texts: Turn[] = []): Turn[] {
  const extra = texts.filter((t) => !contact.turns.some((k) => same(k, t)));
  return [...contact.turns, ...extra].map((t, i) => ({ t, i })).sort((a, b) => a.t.at_ms - b.t.at_ms || a.i - b.i).map((x) => x.t);
}

// onCall tells whether a citizen is on the line.
export const onCall = (s: DeskState): boolean => s.call !== null && s.call.state !== 'ended';
