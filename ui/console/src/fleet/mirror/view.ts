// The booth's View as ui/view (Go) has it, read from outside: nothing that comes in is believed unchecked.
export interface Action {
  id: string;
  label: string;
  sub: string;
  icon: string;
  key: string;
  emphasis: string;
  on: boolean;
  soon: boolean;
}

export interface Row {
  label: string;
  value: string;
}

export interface View {
  visit: string;
  screen: string;
  lang: string;
  large: boolean;
  contrast: boolean;
  clock: string;
  place: string;
  title: string;
  subtitle: string;
  body: string[];
  hellos: string[];
  banner: { kind: string; text: string } | null;
  tiles: Action[];
  captions: { who: string; text: string }[];
  strip: { activity: string; label: string; hint: string } | null;
  card: { title: string; rows: Row[]; note: string } | null;
  pad: { label: string; value: string; max: number } | null;
  choices: Action[];
  slip: { title: string; number: string; code: string; rows: Row[]; note: string } | null;
  line: { state: string; who: string; label: string; seconds: number; location: string } | null;
  home: Action | null;
  footer: Action[];
  focus: string;
  volume: number;
}

type Raw = Record<string, unknown>;
const obj = (v: unknown): Raw | null => (typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Raw) : null);
const str = (v: unknown): string => (typeof v === 'string' ? v : '');
const num = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) ? v : 0);
const list = <T>(v: unknown, f: (x: Raw) => T): T[] => (Array.isArray(v) ? v.map(obj).filter((x) => x !== null).slice(0, 40).map(f) : []);
const strs = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x) => typeof x === 'string').slice(0, 40) : []);

const action = (a: Raw): Action => ({ id: str(a.id), label: str(a.label), sub: str(a.sub), icon: str(a.icon), key: str(a.key), emphasis: str(a.emphasis), on: a.on === true, soon: a.soon === true });
const rows = (v: unknown): Row[] => list(v, (r) => ({ label: str(r.label), value: str(r.value) }));
const some = <T>(v: unknown, f: (x: Raw) => T): T | null => {
  const o = obj(v);
  return o ? f(o) : null;
};

export function toView(v: unknown): View | null {
  const o = obj(v);
  if (!o || !/^S[0-9XYZ]$/.test(str(o.screen))) return null;
  const style = obj(o.style) ?? {};
  return {
    visit: str(o.visit),
    screen: str(o.screen),
    lang: str(o.lang),
    large: style.large === true,
    contrast: style.contrast === true,
    clock: str(o.clock),
    place: str(o.place),
    title: str(o.title),
    subtitle: str(o.subtitle),
    body: strs(o.body),
    hellos: strs(o.hellos),
    banner: some(o.banner, (b) => ({ kind: str(b.kind), text: str(b.text) })),
    tiles: list(o.tiles, action),
    captions: list(o.captions, (c) => ({ who: str(c.who), text: str(c.text) })),
    strip: some(o.strip, (s) => ({ activity: str(s.activity), label: str(s.label), hint: str(s.hint) })),
    card: some(o.card, (c) => ({ title: str(c.title), rows: rows(c.rows), note: str(c.note) })),
    pad: some(o.pad, (p) => ({ label: str(p.label), value: str(p.value), max: num(p.max) })),
    choices: list(o.choices, action),
    slip: some(o.ticket, (s) => ({ title: str(s.title), number: str(s.number), code: str(s.code), rows: rows(s.rows), note: str(s.note) })),
    line: some(o.line, (l) => ({ state: str(l.state), who: str(l.who), label: str(l.label), seconds: num(l.seconds), location: str(l.location) })),
    home: some(o.home, action),
    footer: list(o.footer, action),
    focus: str(o.focus),
    volume: num(o.volume),
  };
}

export interface Run {
  text: string;
  masked: boolean;
}

// runs parts words that were left from words that the booth covered with a dot for each letter (firmware/mirror) before it sent them.
export function runs(text: string): Run[] {
  const out: Run[] = [];
  for (const m of text.matchAll(/([█•]+)|[^█•]+/gu)) {
    const masked = m[1] !== undefined;
    const last = out.at(-1);
    if (last && last.masked === masked) last.text += m[0];
    else out.push({ text: m[0], masked });
  }
  return out;
}
