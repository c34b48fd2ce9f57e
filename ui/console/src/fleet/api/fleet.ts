// The routes of the fleet that the operators' pages use.
import { call, ulid } from '../../api/http';
import type * as w from './wire';

const root = '/api/v1/fleet';
const of = (id: string): string => `${root}/booths/${encodeURIComponent(id)}`;

const query = (q: Record<string, string | number | boolean | undefined>): string => {
  const kept = Object.entries(q).filter(([, v]) => v !== undefined && v !== '' && v !== false);
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept.map(([k, v]) => [k, String(v)]))}`;
};

export interface Filter {
  q: string;
  presence: string;
  standing: string;
  group: string;
  district: string;
  drift: boolean;
}

export const booths = async (f: Filter, cursor: string, limit: number, signal?: AbortSignal): Promise<w.Booths> => {
  const page = await call<w.Booths>(`${root}/booths${query({ ...f, cursor, limit })}`, { signal });
  return { ...page, booths: page.booths ?? [] };
};
export const summary = (signal?: AbortSignal): Promise<w.Summary> => call(`${root}/summary`, { signal });
export const points = async (signal?: AbortSignal): Promise<w.Point[]> => (await call<w.Points>(`${root}/map`, { signal })).points ?? [];

export const booth = (id: string, signal?: AbortSignal): Promise<w.Booth> => call(of(id), { signal });
export const patch = (id: string, body: w.BoothPatch): Promise<w.Booth> => call(of(id), { method: 'PATCH', body });
export const setStanding = (id: string, body: w.StandingChange): Promise<w.Booth> => call(`${of(id)}/standing`, { method: 'POST', body });

export const twin = (id: string, signal?: AbortSignal): Promise<w.Twin> => call(`${of(id)}/twin`, { signal });
export const setTwin = (id: string, body: w.TwinChange): Promise<w.Twin> => call(`${of(id)}/twin`, { method: 'PUT', body });
export const twinHistory = (id: string, cursor: string, signal?: AbortSignal): Promise<w.TwinVersions> =>
  call(`${of(id)}/twin/history${query({ cursor, limit: 50 })}`, { signal });

export const commands = (id: string, cursor: string, signal?: AbortSignal): Promise<w.Commands> =>
  call(`${of(id)}/commands${query({ cursor, limit: 50 })}`, { signal });
// The id is the client's, so that a request that is sent twice is one command.
export const send = (id: string, body: w.NewCommand): Promise<w.Command> => call(`${of(id)}/commands`, { method: 'POST', body: { id: ulid(), ...body } });
export const cancel = (id: string, cmd: string): Promise<unknown> => call(`${of(id)}/commands/${encodeURIComponent(cmd)}`, { method: 'DELETE' });
export const logURL = (id: string, cmd: string): string => `${of(id)}/logs/${encodeURIComponent(cmd)}`;

export const series = (id: string, names: string[], from: number, to: number, signal?: AbortSignal): Promise<w.SeriesSet> =>
  call(`${of(id)}/series${query({ name: names.join(','), from, to })}`, { signal });
export const events = (id: string, type: string, cursor: string, signal?: AbortSignal): Promise<w.Events> =>
  call(`${of(id)}/events${query({ type, cursor, limit: 100 })}`, { signal });

export const claim = (body: w.NewClaim): Promise<w.Booth> => call(`${root}/claims`, { method: 'POST', body });
export const token = (body: w.NewToken): Promise<w.Token> => call(`${root}/tokens`, { method: 'POST', body });
export const audit = (q: { booth: string; actor: string; cursor: string }, signal?: AbortSignal): Promise<w.Audit> =>
  call(`${root}/audit${query({ ...q, limit: 100 })}`, { signal });

export const liveURL = (id = ''): string => `${root}/live${query({ booth: id })}`;
