// Differences of config documents, and what is wrong with one. Pure.
import type { Doc, Json, Twin } from '../api/wire';
import { type Field, fieldOf, fields } from './fields';

export interface Change {
  field: string;
  before: Json | undefined; // undefined: not set
  after: Json | undefined;
}

export const same = (a: Json | undefined, b: Json | undefined): boolean => a === b || canonical(a) === canonical(b);

// canonical writes a value the same way whatever the order of its keys.
function canonical(v: Json | undefined): string {
  if (v === undefined) return '';
  if (v === null || typeof v !== 'object') return JSON.stringify(v);
  if (Array.isArray(v)) return `[${v.map(canonical).join()}]`;
  return `{${Object.keys(v)
    .sort()
    .map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`)
    .join()}}`;
}

// names lists fields in the order of the form, unknown ones behind.
function names(...docs: Doc[]): string[] {
  const found = new Set(docs.flatMap((d) => Object.keys(d)));
  const ordered = fields.map((f) => f.name).filter((n) => found.delete(n));
  return [...ordered, ...[...found].sort()];
}

export const changes = (from: Doc, to: Doc): Change[] =>
  names(from, to)
    .filter((f) => !same(from[f], to[f]))
    .map((field) => ({ field, before: from[field], after: to[field] }));

// rebase puts what was changed from base to mine upon theirs: nobody's wish is lost because two edited at once. Where both changed a field,
// mine is what is shown, and the review tells.
export function rebase(base: Doc, mine: Doc, theirs: Doc): Doc {
  const out: Doc = { ...theirs };
  for (const c of changes(base, mine)) {
    if (c.after === undefined) delete out[c.field];
    else out[c.field] = c.after;
  }
  return out;
}

export type Force = 'own' | 'inForce' | 'waiting' | 'held' | 'error' | 'unsaid';

// force says how a field stands: whether what is desired is in force.
export function force(t: Twin, field: string): Force {
  const want = t.desired?.[field];
  if (t.errors?.[field]) return 'error';
  if (want === undefined) return 'own';
  if (t.reported?.[field] === undefined) return 'unsaid';
  if (same(want, t.reported[field])) return 'inForce';
  // A booth takes a config whole or not at all: one field that it cannot do holds the others back.
  return t.reported_version >= t.version ? 'held' : 'waiting';
}

export interface Problem {
  key: string; // of the words
  with: Record<string, string | number>;
}

export function problems(doc: Doc): Map<string, Problem> {
  const out = new Map<string, Problem>();
  for (const [name, v] of Object.entries(doc)) {
    const f = fieldOf(name);
    const p = f ? wrong(f, v) : { key: 'twin.unknownField', with: {} };
    if (p) out.set(name, p);
  }
  if ('lat_deg' in doc !== 'lon_deg' in doc) out.set('lat_deg' in doc ? 'lon_deg' : 'lat_deg', { key: 'twin.pair', with: {} });
  return out;
}

function wrong(f: Field, v: Json): Problem | null {
  const say = (key: string, more: Record<string, string | number> = {}): Problem => ({ key: `twin.${key}`, with: more });
  if (f.kind === 'text') {
    if (typeof v !== 'string') return say('notText');
    return [...v].length > (f.most ?? 0) ? say('tooLong', { n: f.most ?? 0 }) : null;
  }
  if (f.kind === 'bool') return typeof v === 'boolean' ? null : say('notBool');
  if (f.kind === 'choice' && f.least === undefined) return typeof v === 'string' && f.of?.includes(v) ? null : say('notOneOf', { of: (f.of ?? []).join(', ') });
  if (typeof v !== 'number' || !Number.isFinite(v)) return say('notNumber');
  if (f.kind !== 'number' && !Number.isInteger(v)) return say('notWhole');
  return v < (f.least ?? v) || v > (f.most ?? v) ? say('range', { min: f.least ?? '', max: f.most ?? '' }) : null;
}

// parse reads what was typed as JSON; a string says what is wrong with it.
export function parse(text: string): Doc | string {
  try {
    const v: unknown = JSON.parse(text.trim() || '{}');
    return typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Doc) : '{ … }';
  } catch (e) {
    return e instanceof Error ? e.message : '';
  }
}
