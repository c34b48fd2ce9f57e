// Calls of the core's HTTP API: JSON in, JSON out, errors as values with the core's own kinds.

export class ApiError extends Error {
  constructor(
    readonly kind: string,
    readonly status: number,
    readonly field = '',
    readonly left = 0,
    message = '',
  ) {
    super(message || kind);
  }
}

// Skew is told what the core's clock was when it answered.
export interface Watcher {
  clock?(skew: number): void;
  signedOut?(): void;
}

export const watcher: Watcher = {};

interface Init {
  method?: string;
  body?: unknown;
  key?: string; // idempotency key of a call that writes
  signal?: AbortSignal;
}

const patience = 8_000;

export async function call<T>(path: string, init: Init = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (init.body !== undefined) headers['Content-Type'] = 'application/json';
  if (init.key) headers['Idempotency-Key'] = init.key;
  const limit = AbortSignal.timeout(patience);
  let r: Response;
  try {
    r = await fetch(path, {
      method: init.method ?? 'GET',
      headers,
      body: init.body === undefined ? null : JSON.stringify(init.body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: init.signal ? AbortSignal.any([init.signal, limit]) : limit,
    });
  } catch (e) {
    if (init.signal?.aborted) throw e;
    throw new ApiError('unreachable', 0);
  }
  const date = Date.parse(r.headers.get('Date') ?? '');
  if (date) watcher.clock?.(date - Date.now());
  if (r.status === 204) return undefined as T;
  const body: unknown = await r.json().catch(() => undefined);
  if (r.ok && body !== undefined) return body as T;
  throw failure(r.status, body);
}

function failure(status: number, body: unknown): ApiError {
  const e = (body as { error?: { kind?: string; field?: string; message?: string; left?: number } } | undefined)?.error;
  const kind = e?.kind ?? (status >= 500 ? 'unavailable' : 'unexpected');
  return new ApiError(kind, status, e?.field, e?.left, e?.message);
}

// ulid makes an idempotency key: 48 bits of time, 80 of chance, Crockford's base 32.
export function ulid(now = Date.now()): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let time = '';
  for (let i = 0, t = now; i < 10; i++, t = Math.floor(t / 32)) time = digits.charAt(t % 32) + time;
  const chance = crypto.getRandomValues(new Uint8Array(16));
  return time + Array.from(chance, (b) => digits.charAt(b % 32)).join('');
}
