// The routes of the core that the desk uses.

import { type Contact, toContact } from '../desk/protocol';
import { call } from './http';

export interface Session {
  user: string;
  roles: string[];
}

export interface Place {
  id: string;
  name: Record<string, string>;
}

export interface City {
  places: Place[];
  zone: string;
}

export type Part = 'morning' | 'afternoon';

export interface SessionTimes {
  session: Part;
  from: string;
  to: string;
  left: number;
}

export interface Booking {
  number: string;
  code: string;
  place: string;
  date: string;
  session: Part;
  from: string;
  to: string;
  tickets: number;
  status: 'confirmed' | 'cancelled';
}

export interface Wish {
  place: string;
  date: string;
  session: Part;
  tickets: number;
}

export interface Reference {
  number: string;
  code: string;
}

export const session = (): Promise<Session> => call('/api/v1/session');
export const signIn = (user: string, password: string): Promise<Session> =>
  call('/api/v1/session', { method: 'POST', body: { user, password } });
export const signOut = (): Promise<void> => call('/api/v1/session', { method: 'DELETE' });

export const city = (): Promise<City> => call('/desk/city.json');

const tool = <T>(name: string, body: unknown, key?: string, signal?: AbortSignal): Promise<T> =>
  call(`/api/v1/tools/${name}`, { method: 'POST', body, key, signal });

export const times = (place: string, date: string, signal?: AbortSignal): Promise<{ sessions: SessionTimes[] }> =>
  tool('attraction.times', { place, date }, undefined, signal);
export const book = (wish: Wish, key: string): Promise<Booking> => tool('attraction.book', wish, key);
// A whole booking is a Reference too: only what the tool takes is sent.
export const find = ({ number, code }: Reference): Promise<Booking> => tool('booking.get', { number, code });
export const cancel = ({ number, code }: Reference, key: string): Promise<Booking> => tool('booking.cancel', { number, code }, key);

export interface ContactPage {
  contacts: Contact[];
  next: string;
}

// Search is what the history is asked for. An empty field does not narrow it.
export interface Search {
  q: string;
  from: string; // RFC 3339
  kind: string;
  state: string;
  agent: string;
}

export async function contacts(search: Search, cursor: string, signal?: AbortSignal): Promise<ContactPage> {
  const query = new URLSearchParams({ limit: '50' });
  for (const [k, v] of Object.entries({ ...search, cursor })) if (v) query.set(k, v);
  const page = await call<{ contacts?: unknown[]; next?: string }>(`/api/v1/contacts?${query}`, { signal });
  return { contacts: (page.contacts ?? []).map(toContact).filter((c) => c !== null), next: page.next ?? '' };
}

// CallRecord is what the network saw of a contact. Its words are the core's.
export interface CallRecord {
  id: string;
  kind: string;
  started_ms: number;
  answered_ms: number;
  ended_ms: number;
  cause: string;
  note?: string;
  legs: CallLeg[];
}

export interface CallLeg {
  id: string;
  peer: string;
  codec: string;
  received: number;
  lost: number;
  messages: CallMessage[] | null;
}

export interface CallMessage {
  at_ms: number;
  sent: boolean;
  line: string;
}

export const callsOf = async (contact: string, signal?: AbortSignal): Promise<CallRecord[]> =>
  (await call<{ calls?: CallRecord[] }>(`/api/v1/calls?contact=${encodeURIComponent(contact)}`, { signal })).calls ?? [];
export const callRecord = (id: string, signal?: AbortSignal): Promise<CallRecord> =>
  call(`/api/v1/calls/${encodeURIComponent(id)}`, { signal });

export async function contact(id: string, signal?: AbortSignal): Promise<Contact | null> {
  return toContact(await call(`/api/v1/contacts/${encodeURIComponent(id)}`, { signal }));
}
