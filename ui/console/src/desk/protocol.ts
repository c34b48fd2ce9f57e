// The words that desk and core exchange over GET /api/v1/desk. What comes in is bytes from elsewhere: parse() lets nothing through that
// the screens could stumble over.

export type AgentState = 'offline' | 'available' | 'offered' | 'busy' | 'wrap_up' | 'away';
export type CallState = 'connecting' | 'talking' | 'held' | 'ended';
export type ContactKind = 'visit' | 'emergency' | 'callback';
export type Disposition = 'resolved' | 'callback' | 'transferred' | 'wrong' | 'abandoned';
export const dispositions: Disposition[] = ['resolved', 'callback', 'transferred', 'wrong', 'abandoned'];
// What an agent may say for being away. The core has two of its own, "no answer" and "no audio".
export const awayReasons = ['break', 'meal', 'paperwork', 'training'] as const;
// Limits of the core, in characters.
export const maxText = 2000;

export interface Slot {
  label: string;
  value: string;
}

export interface Turn {
  who: string; // citizen, bot, agent
  text: string;
  at_ms: number;
}

export interface Step {
  at_ms: number;
  kind: string;
  text: string;
}

export interface Contact {
  id: string;
  booth: string;
  place: string;
  kind: ContactKind;
  number: string; // what was dialled; emergencies only
  test: boolean; // an emergency that reached the simulated operator of a laboratory
  lang: string;
  reason: string;
  task: string;
  intent: string;
  slots: Slot[];
  turns: Turn[];
  state: string;
  position: number;
  created_ms: number;
  queued_ms: number;
  answered_ms: number;
  ended_ms: number;
  agent: string;
  disposition: string;
  note: string;
  timeline: Step[];
}

export interface Agent {
  id: string;
  name: string;
  langs: string[];
  roles: string[];
}

export interface Waiting {
  id: string;
  lang: string;
  booth: string;
  task: string;
  since_ms: number;
  callback: boolean;
}

export interface Colleague {
  name: string;
  state: AgentState;
  reason: string;
  since_ms: number;
}

export interface Presence {
  agent?: Agent;
  state: AgentState;
  reason: string;
  since_ms: number;
  next: AgentState | ''; // what the agent asked to be after the contact in hand
  next_reason: string;
  contact: Contact | null;
}

export type FromCore =
  | ({ t: 'hello'; agent: Agent } & Omit<Presence, 'agent'>)
  | ({ t: 'state' } & Omit<Presence, 'agent'>)
  | { t: 'offer'; offer: string; contact: Contact; expires_ms: number }
  | { t: 'offer_gone'; offer: string; why: string }
  | { t: 'call'; contact: string; state: CallState; cause: string }
  | { t: 'text'; contact: string; who: string; text: string; at_ms: number }
  | { t: 'contact'; contact: Contact }
  | { t: 'queue'; waiting: Waiting[]; total: number; agents: Colleague[] }
  | { t: 'rtc_offer'; line: string; sdp: string }
  | { t: 'restart'; until_ms: number }
  | { t: 'elsewhere' }
  | { t: 'error'; ref: string; code: string; message: string }
  | { t: 'ok'; ref: string };

export type ToCore =
  | { t: 'set_state'; state: 'available' | 'away' | 'offline'; reason: string }
  | { t: 'accept'; offer: string }
  | { t: 'decline'; offer: string }
  | { t: 'rtc_answer'; sdp: string }
  | { t: 'rtc_restart' }
  | { t: 'hold'; on: boolean }
  | { t: 'hangup' }
  | { t: 'text'; text: string }
  | { t: 'wrap_up'; disposition: Disposition; note: string; contact: string };

type Raw = Record<string, unknown>;

const str = (v: unknown): string => (typeof v === 'string' ? v : '');
const num = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) ? v : 0);
const list = (v: unknown): Raw[] => (Array.isArray(v) ? v.filter((x): x is Raw => typeof x === 'object' && x !== null) : []);
const record = (v: unknown): Raw => (typeof v === 'object' && v !== null ? (v as Raw) : {});
const strings = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : []);

const agentStates: AgentState[] = ['offline', 'available', 'offered', 'busy', 'wrap_up', 'away'];
const callStates: CallState[] = ['connecting', 'talking', 'held', 'ended'];
const kinds: ContactKind[] = ['visit', 'emergency', 'callback'];

const oneOf = <T extends string, D extends string>(v: unknown, of: readonly T[], otherwise: D): T | D => (of.includes(v as T) ? (v as T) : otherwise);

// toContact fills what is missing, so that no screen has to ask. Without an id it is none.
export function toContact(v: unknown): Contact | null {
  const r = record(v);
  if (!str(r.id)) return null;
  return {
    id: str(r.id),
    booth: str(r.booth),
    place: str(r.place),
    kind: oneOf(r.kind, kinds, 'visit'),
    number: str(r.number),
    test: r.test === true,
    lang: str(r.lang),
    reason: str(r.reason),
    task: str(r.task),
    intent: str(r.intent),
    slots: list(r.slots).map((s) => ({ label: str(s.label), value: str(s.value) })),
    turns: list(r.turns).map((t) => ({ who: str(t.who), text: str(t.text), at_ms: num(t.at_ms) })),
    state: str(r.state),
    position: num(r.position),
    created_ms: num(r.created_ms),
    queued_ms: num(r.queued_ms),
    answered_ms: num(r.answered_ms),
    ended_ms: num(r.ended_ms),
    agent: str(r.agent),
    disposition: str(r.disposition),
    note: str(r.note),
    timeline: list(r.timeline).map((s) => ({ at_ms: num(s.at_ms), kind: str(s.kind), text: str(s.text) })),
  };
}

function presence(r: Raw): Omit<Presence, 'agent'> {
  return {
    state: oneOf(r.state, agentStates, 'offline'),
    reason: str(r.reason),
    since_ms: num(r.since_ms),
    next: oneOf(r.next, ['away', 'offline'] as const, ''),
    next_reason: str(r.next_reason),
    contact: toContact(r.contact),
  };
}

// parse returns undefined for what is no message of the core: a newer core may say things that this page does not know.
export function parse(data: string): FromCore | undefined {
  let r: Raw;
  try {
    r = record(JSON.parse(data));
  } catch {
    return undefined;
  }
  switch (r.t) {
    case 'hello': {
      const a = record(r.agent);
      const agent = { id: str(a.id), name: str(a.name) || str(a.id), langs: strings(a.langs), roles: strings(a.roles) };
      return { t: 'hello', agent, ...presence(r) };
    }
    case 'state':
      return { t: 'state', ...presence(r) };
    case 'offer': {
      const contact = toContact(r.contact);
      return contact && str(r.offer) ? { t: 'offer', offer: str(r.offer), contact, expires_ms: num(r.expires_ms) } : undefined;
    }
    case 'offer_gone':
      return { t: 'offer_gone', offer: str(r.offer), why: str(r.why) };
    case 'call':
      return { t: 'call', contact: str(r.contact), state: oneOf(r.state, callStates, 'connecting'), cause: str(r.cause) };
    case 'text':
      return { t: 'text', contact: str(r.contact), who: str(r.who), text: str(r.text), at_ms: num(r.at_ms) };
    case 'contact': {
      const contact = toContact(r.contact);
      return contact ? { t: 'contact', contact } : undefined;
    }
    case 'queue': {
      const waiting = list(r.waiting).map(toWaiting);
      return { t: 'queue', waiting, total: Math.max(num(r.total), waiting.length), agents: list(r.agents).map(toColleague) };
    }
    case 'rtc_offer':
      return { t: 'rtc_offer', line: str(r.line), sdp: str(r.sdp) };
    case 'restart':
      return { t: 'restart', until_ms: num(r.until_ms) };
    case 'elsewhere':
      return { t: 'elsewhere' };
    case 'error':
      return { t: 'error', ref: str(r.ref), code: str(r.code), message: str(r.message) };
    case 'ok':
      return { t: 'ok', ref: str(r.ref) };
    default:
      return undefined;
  }
}

const toWaiting = (w: Raw): Waiting => ({
  id: str(w.id),
  lang: str(w.lang),
  booth: str(w.booth),
  task: str(w.task),
  since_ms: num(w.since_ms),
  callback: w.callback === true,
});

const toColleague = (a: Raw): Colleague => ({
  name: str(a.name),
  state: oneOf(a.state, agentStates, 'offline'),
  reason: str(a.reason),
  since_ms: num(a.since_ms),
});
