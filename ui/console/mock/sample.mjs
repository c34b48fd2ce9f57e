// Made-up people and matters for the mock core.

const ago = (s) => Date.now() - s * 1000;

export const city = {
  zone: 'Asia/Shanghai',
  places: [
    ['yu-garden', '豫园', 'Yu Garden'],
    ['oriental-pearl', '东方明珠广播电视塔', 'Oriental Pearl Tower'],
    ['shanghai-tower', '上海中心大厦', 'Shanghai Tower'],
    ['shanghai-museum', '上海博物馆', 'Shanghai Museum'],
    ['zhujiajiao', '朱家角古镇', 'Zhujiajiao Water Town'],
  ].map(([id, zh, en]) => ({ id, name: { zh, en } })),
};

export function waiting(n = 4) {
  const all = [
    ['zh', 'HX-012', 'attraction', 74],
    ['en', 'HP-003', '', 41],
    ['zh', 'JA-031', 'cancel', 22],
    ['ja', 'XH-007', 'attraction', 9],
    ['zh', 'PD-118', 'attraction', 5],
    ['ko', 'PD-020', '', 3],
  ];
  return Array.from({ length: n }, (_, i) => all[i % all.length]).map(([lang, booth, task, s], i) => ({ id: `w${i}`, lang, booth, task, since_ms: ago(s), callback: i === 2 }));
}

export function sample(id, more = {}) {
  const turns = [
    ['bot', '您好，这里是老友亭。有什么可以帮您？', 96],
    ['citizen', '我想去豫园，明天，带老伴一起。', 88],
    ['bot', '好的，豫园，明天。上午去还是下午去？', 84],
    ['citizen', '上午吧，早点人少。对了，我们七十岁以上要不要票的？', 74],
    ['bot', '不好意思，我没有听明白。您是要订上午的票吗？', 69],
    ['citizen', '不是，我是问老年人要不要买票。', 61],
    ['bot', '好的，我帮您找一位工作人员，请稍等。', 57],
  ];
  return {
    id, booth: 'HP-021', place: '黄浦区豫园路 85 号 · 九曲桥旁', kind: 'visit', lang: 'zh', reason: 'misses', task: 'attraction', intent: 'book',
    slots: [{ label: '景点', value: '豫园' }, { label: '日期', value: '明天（11月21日 周六）' }, { label: '时段', value: '上午' }, { label: '张数', value: '2 张' }],
    turns: turns.map(([who, text, s]) => ({ who, text, at_ms: ago(s) })),
    state: 'offered', position: 0, created_ms: ago(98), queued_ms: ago(56), answered_ms: 0, ended_ms: 0, agent: '', disposition: '', note: '',
    timeline: [{ at_ms: ago(98), kind: 'created', text: '' }, { at_ms: ago(56), kind: 'arrived', text: '' }, { at_ms: ago(56), kind: 'queued', text: '' }],
    ...more,
  };
}

export function history() {
  const places = [['HP-021', '黄浦区豫园路 85 号'], ['JA-031', '静安区南京西路 1601 号'], ['XH-007', '徐汇区衡山路 12 号'], ['PD-118', '浦东新区世纪大道 100 号'], ['HK-009', '虹口区四川北路 1318 号']];
  const ends = [
    ['resolved', '问 70 岁以上是否免票，已说明凭身份证半价，代订两张。'],
    ['resolved', 'Wanted to move a booking to Sunday; changed.'],
    ['callback', '要查退休金到账，约好下午三点回拨。'],
    ['wrong', ''],
    ['resolved', '取消订票，名额已放回。'],
    ['abandoned', '说到一半车来了。'],
    ['transferred', '医保卡丢失，转 12345。'],
  ];
  return Array.from({ length: 120 }, (_, i) => {
    const [booth, place] = places[i % places.length];
    const [disposition, note] = ends[i % ends.length];
    const began = ago(1_500 + i * 2_340);
    const c = sample(`01JD3X2Q7GZ4N1R8S5T6V${String(i).padStart(5, '0')}`, {
      booth, place, disposition, note, lang: i % 7 === 1 ? 'en' : i % 11 === 4 ? 'ja' : 'zh', task: i % 7 === 4 ? 'cancel' : i % 7 === 3 ? '' : 'attraction',
      kind: i === 5 ? 'emergency' : 'visit', state: disposition === 'callback' ? 'callback' : 'closed', agent: ['李姐', '陈晓梅'][i % 2],
      created_ms: began, queued_ms: began + 42_000, answered_ms: began + 58_000, ended_ms: began + 58_000 + 61_000 + (i % 9) * 17_000,
    });
    const shift = began - c.turns[0].at_ms;
    c.turns = [...c.turns.map((t) => ({ ...t, at_ms: t.at_ms + shift })), { who: 'agent', text: '阿姨您好，70 岁以上凭身份证半价，我帮您订两张。', at_ms: began + 80_000 }];
    c.timeline = [['created', 0], ['arrived', 42], ['queued', 42], ['offered', 50], ['accepted', 58], ['connected', 58], ['ended', 119], ['closed', 150]].map(([kind, s]) => ({ at_ms: began + s * 1000, kind, text: kind === 'closed' ? disposition : '' }));
    return c;
  });
}
