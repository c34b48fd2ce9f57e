// A core that is none: speaks the desk's protocol and the HTTP API from memory, for working on the screens without cloudd.
//   npm run mock            then npm run dev, or npm run build and http://127.0.0.1:8099/desk/
//   http://127.0.0.1:8099/mock/booth is the citizen: calls, talks (real audio between two tabs) and types.
//   POST /mock/do {"do":"call|leave|drop|expire|queue|text|elsewhere|load","..."} drives it from a script.
// Sign in with agent / agent.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { city, history, sample, waiting } from './sample.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const port = Number(process.env.PORT ?? 8099);
const offerTime = Number(process.env.OFFER_MS ?? 20_000);

let session = null; // the cookie's value
let desk = null; // the newest socket
let booth = null; // the citizen's page
let state = { state: 'offline', reason: '', since_ms: Date.now() };
let contact = null;
let offer = null;
let queue = waiting();
let past = history();
let bookings = new Map();
restock();

function restock() {
  const one = { number: '83920174', code: '4471', place: 'yu-garden', date: day(1), session: 'morning', from: '09:00', to: '12:00', tickets: 2, status: 'confirmed' };
  bookings = new Map([[one.number, one]]);
}

function day(n) {
  return new Date(Date.now() + 8 * 3_600_000 + n * 86_400_000).toISOString().slice(0, 10);
}
const id = () => Array.from(randomBytes(26), (b) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[b % 32]).join('');
const say = (m) => desk?.send(JSON.stringify(m));
const tell = (m) => booth?.send(JSON.stringify(m));
const step = (kind, text = '') => contact.timeline.push({ at_ms: Date.now(), kind, text });

function become(next, reason = '') {
  state = { state: next, reason, since_ms: Date.now() };
  say({ t: 'state', ...state, contact });
  tellQueue();
}

function tellQueue() {
  const agents = [
    { name: 'agent', state: state.state, reason: state.reason, since_ms: state.since_ms },
    { name: '陈晓梅', state: 'busy', reason: '', since_ms: Date.now() - 194_000 },
    { name: 'J. Miller', state: 'available', reason: '', since_ms: Date.now() - 412_000 },
    { name: '沈国强', state: 'away', reason: 'meal', since_ms: Date.now() - 1_260_000 },
  ];
  say({ t: 'queue', waiting: queue, total: queue.length, agents });
}

function ring(more = {}) {
  contact = sample(id(), more);
  offer = { id: id(), timer: setTimeout(() => gone('timeout'), offerTime) };
  step('offered', 'agent');
  become('offered');
  say({ t: 'offer', offer: offer.id, contact, expires_ms: Date.now() + offerTime });
}

function gone(why) {
  if (!offer) return;
  clearTimeout(offer.timer);
  say({ t: 'offer_gone', offer: offer.id, why });
  offer = null;
  if (why === 'accepted') return;
  contact = null;
  if (why === 'timeout') become('away', 'no answer');
  else become('available');
}

function answered() {
  gone('accepted');
  contact.state = 'talking';
  contact.answered_ms = Date.now();
  contact.agent = 'agent';
  step('accepted', 'agent');
  become('busy');
  say({ t: 'call', contact: contact.id, state: 'connecting', cause: '' });
  tell({ t: 'offer_please' });
  setTimeout(() => contact && call('talking'), booth ? 400 : 150);
}

function call(next, cause = '') {
  contact.state = next === 'ended' ? 'wrap_up' : next;
  if (next === 'talking') step('connected');
  if (next === 'held') step('held');
  if (next === 'ended') contact.ended_ms = Date.now();
  say({ t: 'call', contact: contact.id, state: next, cause });
  say({ t: 'contact', contact });
}

function end(cause) {
  if (!contact) return;
  tell({ t: 'over' });
  if (offer) return gone('left');
  call('ended', cause);
  step('wrap_up');
  become('wrap_up');
}

const wishes = {
  set_state: (m) => {
    if (state.state === 'offered') return 'not_now';
    if (!['busy', 'wrap_up'].includes(state.state)) return become(m.state, m.reason);
    Object.assign(state, m.state === 'available' ? { next: '', next_reason: '' } : { next: m.state, next_reason: m.reason });
    say({ t: 'state', ...state, contact });
    return undefined;
  },
  accept: (m) => (offer?.id === m.offer ? answered() : 'gone'),
  decline: (m) => (offer?.id === m.offer ? gone('declined') : 'gone'),
  rtc_answer: (m) => tell({ t: 'answer', sdp: m.sdp }),
  rtc_restart: () => tell({ t: 'offer_please' }),
  hold: (m) => call(m.on ? 'held' : 'talking'),
  hangup: () => (contact ? end('normal') : 'gone'),
  text: (m) => typed('agent', m.text),
  wrap_up: (m) => {
    Object.assign(contact, { disposition: m.disposition, note: m.note, state: 'closed' });
    step('closed', m.disposition);
    past = [contact, ...past];
    contact = null;
    become(state.next || 'available', state.next_reason);
  },
};

function typed(who, text) {
  if (!contact) return 'gone';
  const turn = { who, text, at_ms: Date.now() };
  contact.turns.push(turn);
  say({ t: 'text', contact: contact.id, ...turn });
  if (who === 'agent') tell({ t: 'text', text });
  return undefined;
}

const doing = {
  call: (b) => ring(b.contact),
  leave: () => end('normal'),
  drop: () => desk?.terminate(),
  expire: () => (session = null),
  queue: (b) => ((queue = waiting(b.n)), tellQueue()),
  text: (b) => typed('citizen', b.text),
  load: (b) => (b.state ? become(b.state, b.reason) : undefined),
  reset: () => {
    if (offer) clearTimeout(offer.timer);
    [contact, offer] = [null, null];
    restock();
    become('offline');
  },
};

const hours = { morning: ['09:00', '12:00'], afternoon: ['13:00', '17:00'] };

const tools = {
  'attraction.times': (b) => {
    if (b.place === 'shanghai-museum') throw [409, 'closed'];
    const sessions = ['morning', 'afternoon'].map((s, i) => ({ session: s, from: hours[s][0], to: hours[s][1], left: (b.date.charCodeAt(9) * 7 + i * 13) % 5 === 0 ? 0 : 12 + i * 21 }));
    return { place: b.place, date: b.date, sessions };
  },
  'attraction.book': (b) => {
    const made = { number: String(10_000_000 + Math.floor(Math.random() * 89_999_999)), code: String(1000 + Math.floor(Math.random() * 8999)), ...b, from: hours[b.session][0], to: hours[b.session][1], status: 'confirmed' };
    bookings.set(made.number, made);
    return made;
  },
  'booking.get': (b) => lookUp(b),
  'booking.cancel': (b) => Object.assign(lookUp(b), { status: 'cancelled' }),
};

function lookUp(b) {
  const found = bookings.get(b.number);
  if (found?.code !== b.code) throw [404, 'not_found'];
  return found;
}

async function route(method, url, body, signedIn) {
  const at = `${method} ${url.pathname}`;
  if (at === 'POST /api/v1/session') {
    if (body.user !== 'agent' || body.password !== 'agent') throw [401, 'unauthenticated'];
    session = randomBytes(16).toString('hex');
    return { user: 'agent', roles: ['agent'] };
  }
  if (at === 'DELETE /api/v1/session') return void (session = null);
  if (at === 'POST /mock/do') return void doing[body.do](body);
  if (!signedIn) throw [401, 'unauthenticated'];
  if (at === 'GET /api/v1/session') return { user: 'agent', roles: ['agent'] };
  if (at === 'GET /api/v1/contacts') {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const page = past.slice(from, from + 50).map((c) => ({ ...c, turns: [], timeline: [] }));
    return { contacts: page, next: from + 50 < past.length ? String(from + 50) : '' };
  }
  const one = /^GET \/api\/v1\/contacts\/(.+)$/.exec(at)?.[1];
  if (one) return past.find((c) => c.id === one) ?? (() => { throw [404, 'not_found']; })();
  const tool = tools[/^POST \/api\/v1\/tools\/(.+)$/.exec(at)?.[1]];
  if (tool) return tool(body);
  throw [404, 'not_found'];
}

const kinds = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html', '.json': 'application/json' };

function page(res, path) {
  const name = join(here, '../dist', path.replace('/desk/', ''));
  if (path !== '/desk/' && existsSync(name) && extname(name)) {
    return res.writeHead(200, { 'Content-Type': kinds[extname(name)] ?? 'text/plain' }).end(readFileSync(name));
  }
  const nonce = randomBytes(16).toString('hex');
  res.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; media-src 'self' blob:; base-uri 'none'`);
  return res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(readFileSync(join(here, '../dist/index.html'), 'utf8').replaceAll('__CSP_NONCE__', nonce).replaceAll('"./assets/', '"/desk/assets/'));
}

const cookie = (req) => session !== null && (req.headers.cookie ?? '').includes(`mock=${session}`);

const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname === '/desk/city.json') return res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(city));
  if (url.pathname === '/mock/booth') return res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(readFileSync(join(here, 'booth.html')));
  if (url.pathname.startsWith('/desk')) return page(res, url.pathname);
  let text = '';
  for await (const chunk of req) text += chunk;
  try {
    const out = await route(req.method, url, text ? JSON.parse(text) : {}, cookie(req));
    if (url.pathname === '/api/v1/session' && req.method === 'POST') res.setHeader('Set-Cookie', `mock=${session}; Path=/; HttpOnly; SameSite=Strict`);
    if (out === undefined) return res.writeHead(204).end();
    return res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(out));
  } catch (e) {
    const [status, kind] = Array.isArray(e) ? e : [500, 'internal'];
    return res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: { kind, message: String(e) } }));
  }
});

const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (req, socket, head) => {
  const isBooth = req.url === '/mock/booth';
  if (!isBooth && !cookie(req)) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
  return sockets.handleUpgrade(req, socket, head, (ws) => (isBooth ? boothOpened(ws) : deskOpened(ws, req)));
});

function deskOpened(ws, req) {
  if (desk) {
    say({ t: 'elsewhere' });
    desk.close();
  }
  desk = ws;
  say({ t: 'hello', agent: { id: 'agent', name: '李姐', langs: ['zh', 'en'], roles: ['agent'] }, ...state, contact });
  if (offer) say({ t: 'offer', offer: offer.id, contact, expires_ms: Date.now() + offerTime });
  tellQueue();
  ws.on('message', (data) => {
    const m = JSON.parse(data);
    if (!cookie(req)) return ws.send(JSON.stringify({ t: 'error', ref: m.ref, code: 'sign_in', message: 'the session has expired' }));
    const code = wishes[m.t] ? wishes[m.t](m) : 'invalid';
    return ws.send(JSON.stringify(code ? { t: 'error', ref: m.ref, code, message: code } : { t: 'ok', ref: m.ref }));
  });
  ws.on('close', () => {
    if (desk === ws) desk = null;
  });
}

function boothOpened(ws) {
  booth = ws;
  ws.on('message', (data) => {
    const m = JSON.parse(data);
    if (m.t === 'call') ring();
    if (m.t === 'leave') end('normal');
    if (m.t === 'text') typed('citizen', m.text);
    if (m.t === 'offer') say({ t: 'rtc_offer', sdp: m.sdp });
  });
  ws.on('close', () => {
    if (booth === ws) booth = null;
  });
}

server.listen(port, '127.0.0.1', () => console.log(`mock core on http://127.0.0.1:${server.address().port}/desk/  citizen on /mock/booth`));
