// A fleet that is none: the REST interface of the operators' pages from memory, with booths that come and go.
//   npm run mock:fleet      then LAOYOU_CORE=http://127.0.0.1:8098 npm run dev, or npm run build and http://127.0.0.1:8098/fleet/
//   BOOTHS=10000 how many; QUIET=1 nothing happens by itself; SLOW=ms each answer takes so long
// Sign in with admin, operator, supervisor (reads only) or agent (not for you), the password is the name. The claim code is ABCD2345.
//   POST /mock/do {"do":"drop|refuse|expire"}: cut the news, answer 503, end the session.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { life, makeBooths, pick, series, settings, view } from './fleet-sample.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const port = Number(process.env.PORT ?? 8098);
const many = Number(process.env.BOOTHS ?? 10_000);
const quiet = process.env.QUIET === '1';
const slow = Number(process.env.SLOW ?? 0);
const roles = { admin: ['administrator', 'operator', 'supervisor'], operator: ['operator'], supervisor: ['supervisor'], agent: ['agent'] };
const finals = ['done', 'failed', 'expired', 'rejected', 'cancelled'];

const ulid = (t = Date.now()) => {
  const d = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let head = '';
  for (let i = 0; i < 10; i++, t = Math.floor(t / 32)) head = d[t % 32] + head;
  return head + Array.from(randomBytes(16), (b) => d[b % 32]).join('');
};

const fleet = new Map(makeBooths(many, Date.now()).map((b) => [b.id, b]));
const twins = new Map();
const commands = new Map();
const listeners = new Set();
const sessions = new Map();
let audits = [];
let refuse = false;
let wrong = 0;
const clock = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(11, 16);

const tell = (live) => {
  const booth = live.booth?.id ?? live.command?.booth ?? live.event?.booth;
  const line = `data: ${JSON.stringify(live)}\n\n`;
  for (const l of listeners) if (!l.booth || l.booth === booth) l.res.write(line);
};
const change = (b, some) => {
  Object.assign(b, some);
  tell({ booth: b });
};
const note = (actor, action, booth, data) => {
  audits = [{ id: ulid(), at_ms: Date.now(), actor, action, booth, data, hash: randomBytes(16).toString('hex') }, ...audits];
};
for (const b of [...fleet.values()].slice(0, 30)) note(pick(['admin', '王磊', '赵敏']), pick(['claim', 'twin', 'command', 'patch', 'quarantine']), b.id, { cmd: 'restart', force: false, note: '例行' });
for (const b of fleet.values()) if (b.drift) twins.set(b.id, withDrift());

function newTwin() {
  return { version: 4, desired: { notice_zh: '周六上午检修，给您添麻烦了', heartbeat_s: 30, brightness: 80 }, reported: { ...settings, notice_zh: '周六上午检修，给您添麻烦了' }, reported_version: 4, reported_ms: Date.now() - 3_960_000, errors: {}, actor: '王磊', changed_ms: Date.now() - 3_970_000, history: oldVersions() };
}
function withDrift() {
  const t = newTwin();
  return { ...t, version: 5, desired: { ...t.desired, brightness: 60, idle_s: 90 }, errors: { brightness: 'panel has no backlight control' }, history: [{ version: 5, config: { ...t.desired, brightness: 60, idle_s: 90 }, actor: 'admin', note: '夜间太亮', at_ms: Date.now() - 600_000 }, ...oldVersions()] };
}
function oldVersions() {
  const d = 86_400_000;
  return [
    { version: 4, config: { notice_zh: '周六上午检修，给您添麻烦了', heartbeat_s: 30, brightness: 80 }, actor: '王磊', note: '检修告示', at_ms: Date.now() - 3_970_000 },
    { version: 3, config: { heartbeat_s: 30, brightness: 80 }, actor: 'admin', note: '', at_ms: Date.now() - 9 * d },
    { version: 2, config: { heartbeat_s: 15, brightness: 80, log_level: 'debug' }, actor: '赵敏', note: '查断线', at_ms: Date.now() - 11 * d },
    { version: 1, config: { brightness: 80 }, actor: 'admin', note: '', at_ms: Date.now() - 30 * d },
  ];
}
const twinOf = (id) => {
  if (!twins.has(id)) twins.set(id, newTwin());
  const t = twins.get(id);
  const drift = Object.entries(t.desired).filter(([k, v]) => JSON.stringify(t.reported[k]) !== JSON.stringify(v)).map(([field, desired]) => ({ field, desired, reported: t.reported[field] ?? null, error: t.errors[field] }));
  const { history: _, ...rest } = t;
  return { ...rest, drift };
};

function order(b, actor, body) {
  const now = Date.now();
  const c = { id: body.id ?? ulid(), booth: b.id, cmd: body.cmd, args: body.args ?? null, force: !!body.force, state: 'queued', result: null, error: '', actor, created_ms: now, sent_ms: 0, changed_ms: now, expires_ms: now + (body.expires_s || 3600) * 1000, steps: [{ state: 'queued', at_ms: now }] };
  commands.set(b.id, [c, ...(commands.get(b.id) ?? [])]);
  change(b, { pending: b.pending + 1 });
  if (b.presence === 'online') advance(b, c);
  tell({ command: c });
  return c;
}

function step(b, c, state, more = {}) {
  if (finals.includes(c.state)) return;
  Object.assign(c, { state, changed_ms: Date.now() }, more);
  if (state === 'sent') c.sent_ms = Date.now();
  if (c.steps.at(-1).state !== state) c.steps.push({ state, at_ms: Date.now() });
  if (finals.includes(state)) change(b, { pending: Math.max(0, b.pending - 1) });
  tell({ command: c });
}

function advance(b, c) {
  const results = { restart: { ms: 9120 }, selftest: { ok: true, parts: { board: 'ok', engine: 'ok', bot: 'ok', screen: 'ok' } }, logs: { lines: 10000, bytes: 1482133 }, tone: { ms: 2000 }, message: null, mirror: null };
  const later = (ms, f) => setTimeout(f, ms);
  later(80, () => step(b, c, 'sent'));
  later(300, () => step(b, c, 'accepted'));
  if (b.visit && !c.force && !['logs', 'mirror'].includes(c.cmd)) return;
  later(700, () => step(b, c, 'running'));
  if (c.cmd !== 'mirror') return void later(c.cmd === 'restart' ? 5000 : 2500, () => step(b, c, 'done', { result: results[c.cmd] }));
  const seconds = c.args?.seconds ?? 60;
  let n = 0;
  const timer = setInterval(() => {
    if (finals.includes(c.state)) return clearInterval(timer);
    return step(b, c, 'running', { result: { view: view(n++, clock()) } });
  }, Number(process.env.MIRROR_MS ?? 4000));
  later(800, () => step(b, c, 'running', { result: { view: view(n++, clock()) } }));
  later(seconds * 1000, () => (clearInterval(timer), step(b, c, 'done')));
}

const fail = (status, code, message = '', field = '') => {
  throw { status, body: { error: { code, message, field } } };
};
const paged = (list, url, key, more = {}) => {
  const from = Number(url.searchParams.get('cursor') || 0);
  const limit = Math.min(500, Number(url.searchParams.get('limit') || 100));
  return { [key]: list.slice(from, from + limit), next: from + limit < list.length ? String(from + limit) : '', ...more };
};

const routes = [
  ['GET', /^summary$/, () => {
    const tally = (f) => { const o = {}; for (const b of fleet.values()) o[f(b)] = (o[f(b)] ?? 0) + 1; return o; };
    const every = [...fleet.values()];
    return { total: fleet.size, presence: tally((b) => b.presence), standing: tally((b) => b.standing), drifting: every.filter((b) => b.drift).length, visiting: every.filter((b) => b.visit).length, fw: tally((b) => b.fw), groups: [...new Set(every.map((b) => b.group))].sort(), districts: [...new Set(every.map((b) => b.district))].sort() };
  }],
  ['GET', /^map$/, () => ({ points: [...fleet.values()].filter((b) => b.lat !== null).map(({ id, name, lat, lon, presence, standing, drift }) => ({ id, name, lat, lon, presence, standing, drift })) })],
  ['GET', /^booths$/, (_, url) => {
    const f = Object.fromEntries(url.searchParams);
    const q = (f.q ?? '').toLowerCase();
    const found = [...fleet.values()].filter((b) => (!f.presence || b.presence === f.presence) && (!f.standing || b.standing === f.standing) && (!f.group || b.group === f.group) && (!f.district || b.district === f.district) && (f.drift !== 'true' || b.drift) && (!q || [b.id, b.name, b.place_zh, b.place_en, b.fw].some((s) => s.toLowerCase().includes(q))));
    return paged(found, url, 'booths', { total: found.length });
  }],
  ['GET', /^audit$/, (_, url) => paged(audits.filter((a) => (!url.searchParams.get('booth') || a.booth === url.searchParams.get('booth')) && (!url.searchParams.get('actor') || a.actor === url.searchParams.get('actor'))), url, 'entries')],
  ['POST', /^claims$/, (_, url, body, me) => {
    if (wrong > 5) fail(429, 'too_many');
    if (body.code !== 'ABCD2345') (wrong++, fail(404, 'not_found', 'no such code'));
    if (fleet.has(body.id)) fail(409, 'exists', 'taken', 'id');
    const b = { ...makeBooths(1, Date.now())[0], ...body, standing: 'in_service', presence: 'unknown', since_ms: 0, last_seen_ms: 0, pulse: null, drift: 0, visit: false, pending: 0, claimed_ms: Date.now(), claimed_by: me.user, reason: '', epoch: 0, fw: '' };
    fleet.set(b.id, b);
    note(me.user, 'claim', b.id, { name: b.name });
    setTimeout(() => change(b, { presence: 'online', since_ms: Date.now(), last_seen_ms: Date.now(), fw: '0.4.0', epoch: 1 }), 4000);
    return b;
  }],
  ['POST', /^tokens$/, (_, url, body, me) => {
    if (fleet.has(body.id)) fail(409, 'exists', 'taken', 'id');
    note(me.user, 'token', body.id, {});
    return { token: `lyt_${randomBytes(24).toString('base64url')}`, expires_ms: Date.now() + (body.expires_s || 86_400) * 1000 };
  }],
  ['GET', /^booths\/([^/]+)$/, (b) => b],
  ['PATCH', /^booths\/([^/]+)$/, (b, url, body, me) => (change(b, body), note(me.user, 'patch', b.id, body), b)],
  ['POST', /^booths\/([^/]+)\/standing$/, (b, url, body, me) => {
    note(me.user, { quarantined: 'quarantine', in_service: 'release', retired: 'retire' }[body.standing], b.id, { reason: body.reason });
    const back = body.standing === 'in_service';
    change(b, { standing: body.standing, reason: back ? '' : body.reason, presence: back ? 'online' : 'offline', since_ms: Date.now() });
    return b;
  }],
  ['GET', /^booths\/([^/]+)\/twin$/, (b) => twinOf(b.id)],
  ['GET', /^booths\/([^/]+)\/twin\/history$/, (b, url) => (twinOf(b.id), paged(twins.get(b.id).history, url, 'versions'))],
  ['PUT', /^booths\/([^/]+)\/twin$/, (b, url, body, me) => {
    twinOf(b.id);
    const t = twins.get(b.id);
    if (body.if_version !== t.version) fail(409, 'conflict', 'somebody else was faster');
    t.version++;
    Object.assign(t, { desired: body.config, actor: me.user, changed_ms: Date.now(), errors: {}, history: [{ version: t.version, config: body.config, actor: me.user, note: body.note ?? '', at_ms: Date.now() }, ...t.history] });
    note(me.user, 'twin', b.id, { version: t.version, note: body.note ?? '' });
    change(b, { drift: twinOf(b.id).drift.length });
    const { version } = t;
    setTimeout(() => {
      if (t.version !== version || b.presence !== 'online') return;
      Object.assign(t, { reported: { ...settings, ...t.desired }, reported_version: version, reported_ms: Date.now() });
      change(b, { drift: 0 });
      tell({ event: { id: ulid(), booth: b.id, at_ms: Date.now(), type: 'config.applied', visit: '', data: { version } } });
    }, 1500);
    return twinOf(b.id);
  }],
  ['GET', /^booths\/([^/]+)\/commands$/, (b, url) => paged(commands.get(b.id) ?? [], url, 'commands')],
  ['POST', /^booths\/([^/]+)\/commands$/, (b, url, body, me) => (note(me.user, 'command', b.id, { cmd: body.cmd, force: !!body.force }), order(b, me.user, body))],
  ['DELETE', /^booths\/([^/]+)\/commands\/([^/]+)$/, (b, url, body, me, cmd) => {
    const c = (commands.get(b.id) ?? []).find((x) => x.id === cmd) ?? fail(404, 'not_found');
    if (c.state !== 'queued' && c.cmd !== 'mirror') fail(409, 'conflict');
    note(me.user, 'cancel', b.id, { cmd: c.cmd });
    step(b, c, 'cancelled');
    return c;
  }],
  ['GET', /^booths\/([^/]+)\/series$/, (b, url) => series(url.searchParams.get('name').split(','), Number(url.searchParams.get('from')), Number(url.searchParams.get('to')), Date.now())],
  ['GET', /^booths\/([^/]+)\/events$/, (b, url) => paged(life(b.id, Date.now(), ulid).filter((e) => e.type.startsWith(url.searchParams.get('type') ?? '')), url, 'events')],
];

async function answer(req, res, url, me) {
  let text = '';
  for await (const chunk of req) text += chunk;
  const body = text ? JSON.parse(text) : {};
  if (url.pathname === '/mock/do') return void act(body);
  if (url.pathname === '/api/v1/session') {
    if (req.method === 'DELETE') return void sessions.clear();
    if (req.method === 'GET') return me ?? fail(401, 'unauthenticated');
    if (!roles[body.user] || body.password !== body.user) fail(401, 'unauthenticated');
    const key = randomBytes(16).toString('hex');
    sessions.set(key, { user: body.user, roles: roles[body.user] });
    res.setHeader('Set-Cookie', `fleetmock=${key}; Path=/; HttpOnly; SameSite=Strict`);
    return sessions.get(key);
  }
  if (!me) fail(401, 'unauthenticated');
  if (refuse) fail(503, 'unavailable');
  if (!me.roles.some((r) => r !== 'agent') || (req.method !== 'GET' && !me.roles.includes('operator'))) fail(403, 'denied');
  const path = url.pathname.replace('/api/v1/fleet/', '');
  for (const [method, form, f] of routes) {
    const m = form.exec(path);
    if (!m || method !== req.method) continue;
    const b = m[1] ? (fleet.get(decodeURIComponent(m[1])) ?? fail(404, 'not_found')) : null;
    return f(b, url, body, me, m[2]);
  }
  return fail(404, 'not_found');
}

function act(body) {
  if (body.do === 'drop') for (const l of listeners) l.res.destroy();
  if (body.do === 'refuse') refuse = body.on ?? true;
  if (body.do === 'expire') sessions.clear();
  if (body.do === 'booth') change(fleet.get(body.id), body.with);
}

const kinds = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html', '.json': 'application/json' };

function page(res, path) {
  const name = join(here, '../dist', path.replace('/fleet/', ''));
  if (path !== '/fleet/' && existsSync(name) && extname(name)) return res.writeHead(200, { 'Content-Type': kinds[extname(name)] ?? 'text/plain' }).end(readFileSync(name));
  const nonce = randomBytes(16).toString('hex');
  res.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; base-uri 'none'`);
  return res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(readFileSync(join(here, '../dist/fleet.html'), 'utf8').replaceAll('__CSP_NONCE__', nonce).replaceAll('"./assets/', '"/fleet/assets/'));
}

const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname.startsWith('/fleet')) return page(res, url.pathname);
  const me = sessions.get(/fleetmock=(\w+)/.exec(req.headers.cookie ?? '')?.[1]);
  if (url.pathname === '/api/v1/fleet/live') return open(res, url, me);
  if (/^\/api\/v1\/fleet\/booths\/[^/]+\/logs\//.test(url.pathname)) return res.writeHead(200, { 'Content-Type': 'text/plain' }).end('time=2026-11-20T12:00:00Z level=INFO msg="visit began"\n'.repeat(200));
  if (slow) await new Promise((r) => setTimeout(r, slow));
  try {
    const out = await answer(req, res, url, me);
    return out === undefined ? res.writeHead(204).end() : res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(out));
  } catch (e) {
    if (!e.status) console.error(e);
    return res.writeHead(e.status ?? 500, { 'Content-Type': 'application/json' }).end(JSON.stringify(e.body ?? { error: { code: 'internal', message: String(e) } }));
  }
});

function open(res, url, me) {
  if (!me || refuse) return res.writeHead(me ? 503 : 401).end();
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  res.write(': hello\n\n');
  const l = { res, booth: url.searchParams.get('booth') ?? '' };
  listeners.add(l);
  return res.on('close', () => listeners.delete(l));
}

if (!quiet) {
  const all = [...fleet.values()];
  setInterval(() => {
    for (let i = 0; i < 20; i++) {
      const b = all[Math.floor(Math.random() * all.length)];
      if (b.standing !== 'in_service' || b.presence === 'unknown') continue;
      const r = Math.random();
      if (r < 0.04) change(b, { presence: b.presence === 'online' ? 'offline' : 'online', since_ms: Date.now(), visit: false, last_seen_ms: Date.now() });
      else if (b.presence === 'online') change(b, { visit: Math.random() < 0.06, last_seen_ms: Date.now(), pulse: { ...b.pulse, at_ms: Date.now(), temp_c: Math.max(30, b.pulse.temp_c + Math.round(Math.random() * 2 - 1)) } });
    }
  }, 500);
}

server.listen(port, '127.0.0.1', () => console.log(`mock fleet on http://127.0.0.1:${server.address().port}/fleet/`));
