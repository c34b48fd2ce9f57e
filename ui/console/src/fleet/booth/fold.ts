// Events become visits: what belongs together by the visit's id. Pure. Events are facts; no citizen's word is in them.
import type { Doc, Event, Json } from '../api/wire';

export interface CallFact {
  id: string;
  at: number;
  kind: string;
  ms: number | null; // null: under way, or its end is not on these pages
  cause: string;
  number: string; // of an emergency
  test: boolean;
}

export interface Visit {
  id: string;
  at: number;
  how: string;
  ended: boolean;
  ms: number;
  lang: string;
  tasks: string[];
  turns: number;
  misses: number; // turns that were not understood
  outcome: string;
  calls: CallFact[];
}

const text = (v: Json | undefined): string => (typeof v === 'string' ? v : '');
const count = (v: Json | undefined): number => (typeof v === 'number' ? v : 0);
const texts = (v: Json | undefined): string[] => (Array.isArray(v) ? v.filter((x) => typeof x === 'string') : typeof v === 'string' && v ? v.split(',') : []);

const causeOf = (d: Doc): string => text(d.cause) || (d.answered === false ? 'no_answer' : '');

// outcomeOf says how a visit ended as far as the facts tell: what was carried out for the citizen counts before whom they were passed to.
function outcomeOf(d: Doc): string {
  const tools = d.tools !== null && typeof d.tools === 'object' && !Array.isArray(d.tools) ? d.tools : {};
  const acts = Object.entries(tools).filter(([tool]) => /\.(book|cancel|register|order)$/.test(tool));
  if (acts.some(([, state]) => state === 'done')) return 'done';
  if (d.person === true) return 'person';
  return text(d.outcome) || (acts.length > 0 ? 'failed' : '');
}

// fold takes events newest first, as they are read, and gives visits newest first. A call without a visit, as from the emergency key while
// the rest is wedged, is a visit of its own.
export function fold(events: Event[]): Visit[] {
  const found = new Map<string, Visit>();
  for (const e of [...events].reverse()) {
    if (!/^(visit|call)\.|^emergency$/.test(e.type)) continue;
    const id = e.visit || e.id;
    let v = found.get(id);
    if (!v) found.set(id, (v = { id, at: e.at_ms, how: '', ended: false, ms: 0, lang: '', tasks: [], turns: 0, misses: 0, outcome: '', calls: [] }));
    add(v, e);
  }
  return [...found.values()].sort((a, b) => b.at - a.at);
}

function add(v: Visit, e: Event): void {
  const d = e.data ?? {};
  const open = v.calls.findLast((c) => c.ms === null);
  switch (e.type) {
    case 'visit.started':
      Object.assign(v, { at: e.at_ms, how: text(d.how) });
      break;
    case 'visit.ended':
      Object.assign(v, { ended: true, ms: count(d.ms), lang: text(d.lang), tasks: texts(d.tasks), turns: count(d.turns), outcome: outcomeOf(d), misses: count(d.misses) });
      if (v.at === e.at_ms) v.at = e.at_ms - v.ms; // its beginning is on a page before
      break;
    case 'call.started':
      // The key comes first, then its call: they are one.
      if (text(d.kind) === 'emergency' && open?.number) Object.assign(open, { at: e.at_ms });
      else v.calls.push({ id: e.id, at: e.at_ms, kind: text(d.kind), ms: null, cause: '', number: text(d.number), test: d.test === true });
      break;
    case 'call.ended':
      if (open) Object.assign(open, { ms: count(d.ms), cause: causeOf(d) });
      else v.calls.push({ id: e.id, at: e.at_ms - count(d.ms), kind: text(d.kind), ms: count(d.ms), cause: causeOf(d), number: '', test: false });
      break;
    case 'emergency': {
      // The press comes before the call, or with it.
      const call = v.calls.findLast((c) => c.kind === 'emergency' && !c.number);
      if (call) Object.assign(call, { number: text(d.number), test: d.test === true });
      else v.calls.push({ id: e.id, at: e.at_ms, kind: 'emergency', ms: null, cause: '', number: text(d.number), test: d.test === true });
      break;
    }
  }
}
