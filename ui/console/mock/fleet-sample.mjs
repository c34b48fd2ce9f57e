// A fleet that is none: booths with a life of their own, made from a seed so that every start shows the same.
let seed = 7;
export const chance = () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
export const pick = (list) => list[Math.floor(chance() * list.length)];

// district, centre, spread in degrees, weight, roads
const districts = [
  ['黄浦', 121.485, 31.222, 0.012, 12, ['南京东路', '淮海中路', '复兴中路', '人民路', '福州路', '豫园路', '西藏中路']],
  ['徐汇', 121.435, 31.17, 0.022, 12, ['漕溪北路', '衡山路', '肇嘉浜路', '天钥桥路', '龙华路', '宜山路']],
  ['长宁', 121.385, 31.21, 0.022, 8, ['长宁路', '延安西路', '仙霞路', '天山路', '虹桥路']],
  ['静安', 121.455, 31.25, 0.02, 9, ['南京西路', '北京西路', '共和新路', '大宁路', '万航渡路']],
  ['普陀', 121.395, 31.26, 0.025, 8, ['长寿路', '曹杨路', '真北路', '武宁路', '大渡河路']],
  ['虹口', 121.49, 31.275, 0.015, 7, ['四川北路', '四平路', '曲阳路', '东大名路', '甜爱路']],
  ['杨浦', 121.53, 31.285, 0.02, 8, ['五角场', '控江路', '黄兴路', '平凉路', '国权路']],
  ['闵行', 121.38, 31.1, 0.05, 8, ['沪闵路', '莘庄镇', '七莘路', '虹梅路', '东川路']],
  ['宝山', 121.42, 31.38, 0.05, 6, ['牡丹江路', '友谊路', '蕰川路', '长江路']],
  ['嘉定', 121.25, 31.37, 0.06, 5, ['城中路', '曹安公路', '博乐路', '墨玉路']],
  ['浦东', 121.6, 31.19, 0.08, 12, ['世纪大道', '张杨路', '浦东大道', '川沙路', '周浦镇', '金桥路', '陆家嘴环路']],
  ['金山', 121.2, 30.8, 0.06, 3, ['石化新城路', '朱泾镇', '枫泾镇', '卫清路']],
  ['松江', 121.2, 31.02, 0.06, 4, ['中山中路', '文诚路', '泗泾镇', '九亭镇']],
  ['青浦', 121.1, 31.13, 0.07, 3, ['公园路', '朱家角镇', '徐泾镇', '盈港路']],
  ['奉贤', 121.5, 30.9, 0.07, 3, ['南桥路', '环城东路', '奉城镇', '海湾镇']],
  ['崇明', 121.55, 31.64, 0.09, 2, ['城桥镇', '陈家镇', '八一路', '堡镇']],
];
const pool = districts.flatMap((d) => Array(d[4]).fill(d));
const groups = ['地铁口', '社区', '景区', '医院', '商圈', '试点'];
const versions = ['0.4.0', '0.4.0', '0.4.0', '0.4.0', '0.4.0', '0.4.0', '0.3.2', '0.3.2', '0.5.0-rc.1'];

export function makeBooths(n, now) {
  return Array.from({ length: n }, (_, i) => make(i + 1, now));
}

function make(i, now) {
  const [district, lon, lat, spread, , roads] = pick(pool);
  const road = pick(roads);
  const house = Math.ceil(chance() * 1200);
  const r = chance();
  const standing = i === 17 || r < 0.0004 ? 'quarantined' : r < 0.0009 ? 'retired' : 'in_service';
  const p = chance();
  const presence = standing !== 'in_service' ? 'offline' : p < 0.972 ? 'online' : p < 0.994 ? 'offline' : 'unknown';
  const around = () => (chance() + chance() + chance() - 1.5) * 1.3;
  const since = now - Math.floor(chance() ** 3 * 20 * 86_400_000) - 5_000;
  const seen = presence === 'online' ? now - Math.floor(chance() * 30_000) : presence === 'unknown' ? 0 : since;
  return {
    id: `sh-${String(i).padStart(5, '0')}`,
    name: `${road}${house}号亭`,
    place_zh: `${road} ${house} 号`,
    place_en: `No. ${house}, booth ${i}`,
    district,
    group: pick(groups),
    note: i % 40 === 0 ? '钥匙在门卫处' : '',
    lat: i % 97 === 0 ? null : lat + around() * spread,
    lon: i % 97 === 0 ? null : lon + around() * spread * 1.15,
    standing,
    presence,
    since_ms: presence === 'unknown' ? 0 : since,
    last_seen_ms: seen,
    fw: pick(versions),
    board: chance() < 0.8 ? 'cm4-booth-r2' : 'rk3568-booth-r1',
    epoch: 1 + Math.floor(chance() * 90),
    skew_ms: i === 3 ? 184_000 : Math.round((chance() - 0.5) * 900),
    cert_expires_ms: now + Math.floor((20 + chance() * 340) * 86_400_000),
    drift: chance() < 0.005 ? 1 + Math.floor(chance() * 3) : 0,
    visit: presence === 'online' && chance() < 0.06,
    pulse: presence === 'unknown' ? null : { at_ms: seen, cpu: 3 + chance() * 20, mem_mb: 90 + Math.floor(chance() * 40), disk_mb: 9_000 + Math.floor(chance() * 9_000), temp_c: Math.round(34 + chance() * 24 + (chance() < 0.01 ? 20 : 0)), sip: chance() < 0.995 ? 'up' : 'down', visit: false, pending: chance() < 0.98 ? 0 : Math.floor(chance() * 900) },
    pending: 0,
    claimed_ms: now - Math.floor((20 + chance() * 300) * 86_400_000),
    claimed_by: 'admin',
    reason: standing === 'quarantined' ? '两台设备使用同一身份（连接序号倒退）' : standing === 'retired' ? '道路改造，拆除' : '',
  };
}

// series makes a day that looks like one: people come by day, boards get warm in the afternoon, the line was lost once.
export function series(names, from, to, now) {
  const step = 300_000;
  const shape = {
    cpu_pct: (h) => [6 + 9 * day(h), 5], mem_mb: (h, i) => [92 + (i % 288) / 20, 2], disk_free_mb: (h, i) => [14_200 - i * 0.4, 3], temp_c: (h) => [36 + 14 * day(h - 2), 1.5],
    outbox_rows: () => [1, 2], rtt_ms: (h) => [28 + 22 * day(h), 18], visits: (h) => [3.2 * day(h), 1.6], calls: (h) => [1.1 * day(h), 0.9], xruns: () => [0.05, 0.2],
  };
  const set = names.map((name) => {
    const points = [];
    for (let at = Math.ceil(from / step) * step, i = 0; at < to; at += step, i++) {
      const away = now - at;
      if (away > 9.2 * 3_600_000 && away < 10.6 * 3_600_000) continue;
      const h = new Date(at + 8 * 3_600_000).getUTCHours() + (at % 3_600_000) / 3_600_000;
      const [base, noise] = (shape[name] ?? (() => [0, 0]))(h, i);
      const mean = Math.max(0, base + (chance() - 0.5) * noise);
      const whole = ['visits', 'calls', 'xruns'].includes(name);
      const m = whole ? Math.round(mean) : mean;
      points.push({ at_ms: at, min: whole ? 0 : Math.max(0, m - noise * chance()), max: whole ? Math.min(m, 1) : m + noise * chance() * 1.5, mean: whole ? m / 10 : m, n: 10 });
    }
    return { name, points };
  });
  return { series: set, last: Object.fromEntries(set.map((s) => [s.name, s.points.at(-1)?.mean ?? 0])) };
}

const day = (h) => Math.max(0, Math.sin(((h - 6) / 15) * Math.PI));

export const settings = {
  name_zh: '豫园路 85 号 · 九曲桥旁', name_en: '85 Yuyuan Road, by the Nine-Turn Bridge', address_zh: '上海市黄浦区豫园路 85 号，九曲桥东侧', address_en: '85 Yuyuan Road, Huangpu, east of the Nine-Turn Bridge',
  notice_zh: '', notice_en: '', idle_s: 60, volume_step: 1, brightness: 80, heartbeat_s: 30, telemetry_s: 60, spread_s: 60, log_level: 'info', out_of_order: false, lat_deg: 31.2272, lon_deg: 121.4921,
};

export function life(booth, now, ulid) {
  const out = [];
  const add = (ago, type, data, visit = '') => out.push({ id: ulid(now - ago), booth, at_ms: now - ago, type, visit, data });
  const m = 60_000;
  const visit = (ago, lasted, data, calls = []) => {
    const id = ulid(now - ago);
    add(ago, 'visit.started', { how: data.how ?? 'lift' }, id);
    for (const c of calls) {
      add(ago - c.at, 'call.started', { kind: c.kind }, id);
      if (c.number) add(ago - c.at + 1, 'emergency', { number: c.number, test: true }, id);
      add(ago - c.at - c.ms, 'call.ended', { kind: c.kind, ms: c.ms, cause: c.cause ?? 'normal' }, id);
    }
    if (lasted) add(ago - lasted, 'visit.ended', { lang: data.lang, tasks: data.tasks, turns: data.turns, ms: lasted, outcome: data.outcome }, id);
  };
  visit(3 * m, 0, { how: 'lift' });
  visit(19 * m, 4.2 * m, { lang: 'zh', tasks: ['attraction.book'], turns: 9, outcome: 'done' });
  visit(47 * m, 6.4 * m, { lang: 'en', tasks: ['directions', 'person'], turns: 12, outcome: 'person' }, [{ at: 2.1 * m, kind: 'person', ms: 3.9 * m }]);
  visit(95 * m, 1.1 * m, { how: 'touch', lang: 'zh', tasks: [], turns: 2, outcome: 'idle' });
  visit(140 * m, 3.5 * m, { lang: 'zh', tasks: ['call'], turns: 3, outcome: 'done' }, [{ at: 0.4 * m, kind: 'free', ms: 3 * m }]);
  visit(260 * m, 2 * m, { lang: 'zh', tasks: ['emergency'], turns: 1, outcome: 'emergency' }, [{ at: 0.2 * m, kind: 'emergency', ms: 1.5 * m, number: '120' }]);
  visit(1300 * m, 5 * m, { lang: 'ja', tasks: ['attraction.book'], turns: 11, outcome: 'left' });
  visit(1420 * m, 2.6 * m, { lang: 'zh', tasks: ['booking.cancel'], turns: 5, outcome: 'done' });
  add(66 * m, 'config.applied', { version: 4 });
  add(9.3 * 60 * m, 'fault', { part: 'line', error: 'registration timed out' });
  add(9.1 * 60 * m, 'recovered', { part: 'line' });
  add(10.6 * 60 * m, 'boot', { reason: 'power', fw: '0.4.0' });
  add(26 * 60 * m, 'clock', { step_ms: -4200 });
  return out.sort((a, b) => b.at_ms - a.at_ms);
}

// view is a masked screen of the kiosk, one a step.
export function view(step, clock) {
  const footer = [
    { id: 'sos', label: '紧急求助', sub: 'SOS · 110 · 119 · 120', icon: 'siren', emphasis: 'danger' },
    { id: 'text', label: '大字', icon: 'text', emphasis: 'quiet' }, { id: 'sound', label: '声音', icon: 'sound', emphasis: 'quiet' }, { id: 'language', label: '语言', icon: 'language', emphasis: 'quiet' },
  ];
  const base = { v: 1, visit: '', lang: 'zh', style: { large: false, contrast: false }, clock, place: '豫园路 85 号 · 九曲桥旁', volume: 1, footer };
  const home = { id: 'home', label: '首页', icon: 'home' };
  const tile = (id, label, sub, icon, key, more = {}) => ({ id, label, sub, icon, key, ...more });
  return [
    { ...base, screen: 'S0', title: '拿起听筒，或轻触屏幕', subtitle: 'Lift the handset, or touch the screen', hellos: ['您好', 'Hello', 'こんにちは', '안녕하세요', 'مرحبا', 'Здравствуйте'], choices: [{ id: 'start', label: '点这里开始', icon: 'handset', emphasis: 'primary' }], footer: footer.slice(0, 1) },
    { ...base, screen: 'S1', title: '您好，有什么可以帮您？', subtitle: 'Hello! How can I help you?', choices: [{ id: 'speak', label: '按一下，直接说话', icon: 'mic', emphasis: 'primary' }], tiles: [tile('doctor', '看病挂号', 'See a doctor', 'doctor', '1', { soon: true }), tile('attractions', '景点预约', 'Attractions', 'ticket', '2'), tile('directions', '问路叫车', 'Directions & taxi', 'map', '3', { soon: true }), tile('call', '免费电话', 'Free call', 'phone', '4'), tile('city', '办事咨询', 'City services', 'city', '5'), tile('person', '找人工帮忙', 'Talk to a person', 'person', '0', { emphasis: 'human' })] },
    { ...base, screen: 'S3', home, captions: [{ who: 'bot', text: '您好，我是老友。您可以直接说话，也可以按键。' }, { who: 'citizen', text: '••••••••••••••••' }, { who: 'bot', text: '••••••••••••••••••' }], card: { title: '••••••••', rows: [{ label: '日期', value: '••••••••' }, { label: '时间', value: '•••••' }] }, choices: [{ id: 'a', label: '••••', key: '1', emphasis: 'secondary' }, { id: 'b', label: '•••', key: '2', emphasis: 'secondary' }], strip: { activity: 'listening', label: '我在听……', hint: '' } },
    { ...base, screen: 'S4', home, title: '请输入您的手机号码', pad: { label: '手机号码', value: '•••••', max: 11, min: 11 }, choices: [{ id: 'skip', label: '我没有手机', emphasis: 'secondary' }], strip: { activity: 'listening', label: '我在听……' } },
    { ...base, screen: 'S8', home, title: '已经订好了', ticket: { title: '••••', number: '••••••••', code: '••••', rows: [{ label: '日期', value: '••••••' }], note: '', qr: '' }, strip: { activity: 'speaking', label: '请听我说' } },
  ][step % 5];
}
