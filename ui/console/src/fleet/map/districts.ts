// A sketch of Shanghai's districts, drawn by hand for these pages: good enough to know where one is, not to settle a border.
// Districts share their corners by name, so that neighbours have one line between them.

export type Corner = [lon: number, lat: number];

const c = {
  // the coast of the Yangtze and the sea, from north-west to south
  liuhe: [121.335, 31.505], luojing: [121.39, 31.49], yuepu: [121.45, 31.445], wusong: [121.505, 31.397], gaoqiao: [121.535, 31.395],
  wuhao: [121.62, 31.365], caolu: [121.71, 31.29], heqing: [121.785, 31.215], airport: [121.84, 31.13], laogang: [121.885, 31.02], cape: [121.975, 30.905],
  lingang: [121.94, 30.868], luchao: [121.84, 30.852], fx1: [121.745, 30.862], fx2: [121.64, 30.822], fx3: [121.5, 30.822], fx4: [121.4, 30.79], js1: [121.365, 30.765],
  js2: [121.335, 30.705], js3: [121.265, 30.687],
  // the land border, from south to north
  js4: [121.175, 30.772], js5: [121.12, 30.79], js6: [121.125, 30.852], js7: [121.015, 30.832], js8: [120.995, 30.895], js9: [121.01, 30.945], sj1: [121.0, 30.99],
  qp1: [120.905, 31.005], qp2: [120.86, 31.1], qp3: [120.9, 31.14], qp4: [121.02, 31.138], qp5: [121.065, 31.16], qp6: [121.075, 31.27], qp7: [121.145, 31.28],
  jd1: [121.07, 31.31], jd2: [121.115, 31.35], jd3: [121.11, 31.41], jd4: [121.16, 31.455], jd5: [121.245, 31.48],
  // where three meet, and bends between them
  jdBs1: [121.325, 31.44], jdBs2: [121.335, 31.375], jdBsPt: [121.375, 31.31], jdPt1: [121.345, 31.275], jdPtCnMh: [121.348, 31.235], jdQpMh: [121.265, 31.235], qpJd1: [121.2, 31.262],
  bsPtJa: [121.425, 31.292], bsJa1: [121.428, 31.33], bsJa2: [121.468, 31.335], bsJaHk: [121.478, 31.312], bsHkYp: [121.5, 31.315], bsYp1: [121.505, 31.345],
  bsYpRiver: [121.548, 31.34], wusongMouth: [121.52, 31.396], riverBs: [121.528, 31.37], riverYp1: [121.568, 31.315], riverYp2: [121.562, 31.275], ypHkRiver: [121.528, 31.252],
  hkYp1: [121.517, 31.28], hkHpRiver: [121.497, 31.246], hkJaHp: [121.485, 31.247], jaHk1: [121.484, 31.275], jaHp1: [121.472, 31.235], jaHpXh: [121.458, 31.216],
  jaXhCn: [121.438, 31.214], jaCnPt: [121.432, 31.232], jaPt1: [121.446, 31.25], jaPt2: [121.438, 31.272], cnPt1: [121.408, 31.23], cnPt2: [121.38, 31.222],
  cnMh1: [121.328, 31.2], cnMh2: [121.345, 31.18], cnXhMh: [121.402, 31.185], cnXh1: [121.418, 31.2],
  hpRiver1: [121.502, 31.235], hpRiver2: [121.512, 31.222], hpRiver3: [121.503, 31.205], hpXhRiver: [121.465, 31.188], hpXh1: [121.468, 31.2],
  xhRiver1: [121.453, 31.17], xhRiver2: [121.466, 31.145], xhMhPdRiver: [121.463, 31.112], xhMh1: [121.435, 31.112], xhMh2: [121.4, 31.145],
  mhPd1: [121.505, 31.112], mhPd2: [121.545, 31.08], mhPd3: [121.562, 31.04], mhPdFx: [121.555, 31.0], mhFx1: [121.48, 30.992], mhFx2: [121.42, 30.985],
  mhSjFx: [121.352, 30.98], mhSj1: [121.338, 31.03], mhSj2: [121.318, 31.085], mhSjQp: [121.275, 31.145], mhQp1: [121.292, 31.19],
  sjQp1: [121.205, 31.13], sjQp2: [121.14, 31.065], sjQp3: [121.06, 31.0], sjJs1: [121.1, 30.925], sjJs2: [121.215, 30.902], sjJsFx: [121.3, 30.905], sjFx1: [121.335, 30.945],
  fxJs1: [121.348, 30.86], pdFx1: [121.63, 30.968], pdFx2: [121.69, 30.92],
} satisfies Record<string, Corner>;

type Name = keyof typeof c;

export interface District {
  id: string;
  rings: Corner[][];
  label: Corner;
  inner: boolean; // small: its name comes when there is room
}

const ring = (...names: Name[]): Corner[] => names.map((n) => c[n] as Corner);

export const districts: District[] = [
  {
    id: 'chongming',
    inner: false,
    label: [121.55, 31.655],
    rings: [
      [[121.17, 31.8], [121.215, 31.855], [121.33, 31.84], [121.44, 31.765], [121.58, 31.735], [121.73, 31.675], [121.88, 31.625], [121.975, 31.545], [121.935, 31.475], [121.82, 31.465], [121.7, 31.515], [121.56, 31.565], [121.42, 31.615], [121.29, 31.69], [121.2, 31.755]],
      [[121.555, 31.435], [121.65, 31.425], [121.75, 31.375], [121.8, 31.33], [121.76, 31.318], [121.64, 31.36]],
      [[121.81, 31.36], [121.875, 31.345], [121.885, 31.3], [121.825, 31.3]],
    ],
  },
  { id: 'baoshan', inner: false, label: [121.42, 31.4], rings: [ring('liuhe', 'luojing', 'yuepu', 'wusong', 'wusongMouth', 'riverBs', 'bsYpRiver', 'bsYp1', 'bsHkYp', 'bsJaHk', 'bsJa2', 'bsJa1', 'bsPtJa', 'jdBsPt', 'jdBs2', 'jdBs1')] },
  { id: 'jiading', inner: false, label: [121.235, 31.365], rings: [ring('liuhe', 'jdBs1', 'jdBs2', 'jdBsPt', 'jdPt1', 'jdPtCnMh', 'jdQpMh', 'qpJd1', 'qp7', 'jd1', 'jd2', 'jd3', 'jd4', 'jd5')] },
  { id: 'putuo', inner: true, label: [121.392, 31.263], rings: [ring('jdBsPt', 'bsPtJa', 'jaPt2', 'jaPt1', 'jaCnPt', 'cnPt1', 'cnPt2', 'jdPtCnMh', 'jdPt1')] },
  { id: 'changning', inner: true, label: [121.382, 31.204], rings: [ring('jdPtCnMh', 'cnPt2', 'cnPt1', 'jaCnPt', 'jaXhCn', 'cnXh1', 'cnXhMh', 'cnMh2', 'cnMh1')] },
  { id: 'jingan', inner: true, label: [121.457, 31.283], rings: [ring('bsPtJa', 'bsJa1', 'bsJa2', 'bsJaHk', 'jaHk1', 'hkJaHp', 'jaHp1', 'jaHpXh', 'jaXhCn', 'jaCnPt', 'jaPt1', 'jaPt2')] },
  { id: 'hongkou', inner: true, label: [121.5, 31.275], rings: [ring('bsJaHk', 'bsHkYp', 'hkYp1', 'ypHkRiver', 'hkHpRiver', 'hkJaHp', 'jaHk1')] },
  { id: 'yangpu', inner: true, label: [121.54, 31.298], rings: [ring('bsHkYp', 'bsYp1', 'bsYpRiver', 'riverYp1', 'riverYp2', 'ypHkRiver', 'hkYp1')] },
  { id: 'huangpu', inner: true, label: [121.484, 31.217], rings: [ring('hkJaHp', 'hkHpRiver', 'hpRiver1', 'hpRiver2', 'hpRiver3', 'hpXhRiver', 'hpXh1', 'jaHpXh', 'jaHp1')] },
  { id: 'xuhui', inner: true, label: [121.435, 31.158], rings: [ring('jaXhCn', 'jaHpXh', 'hpXh1', 'hpXhRiver', 'xhRiver1', 'xhRiver2', 'xhMhPdRiver', 'xhMh1', 'xhMh2', 'cnXhMh', 'cnXh1')] },
  { id: 'minhang', inner: false, label: [121.4, 31.075], rings: [ring('jdQpMh', 'jdPtCnMh', 'cnMh1', 'cnMh2', 'cnXhMh', 'xhMh2', 'xhMh1', 'xhMhPdRiver', 'mhPd1', 'mhPd2', 'mhPd3', 'mhPdFx', 'mhFx1', 'mhFx2', 'mhSjFx', 'mhSj1', 'mhSj2', 'mhSjQp', 'mhQp1')] },
  {
    id: 'pudong',
    inner: false,
    label: [121.69, 31.13],
    rings: [ring('wusongMouth', 'gaoqiao', 'wuhao', 'caolu', 'heqing', 'airport', 'laogang', 'cape', 'lingang', 'luchao', 'fx1', 'pdFx2', 'pdFx1', 'mhPdFx', 'mhPd3', 'mhPd2', 'mhPd1', 'xhMhPdRiver', 'xhRiver2', 'xhRiver1', 'hpXhRiver', 'hpRiver3', 'hpRiver2', 'hpRiver1', 'hkHpRiver', 'ypHkRiver', 'riverYp2', 'riverYp1', 'bsYpRiver', 'riverBs')],
  },
  { id: 'fengxian', inner: false, label: [121.53, 30.905], rings: [ring('mhSjFx', 'mhFx2', 'mhFx1', 'mhPdFx', 'pdFx1', 'pdFx2', 'fx1', 'fx2', 'fx3', 'fx4', 'js1', 'fxJs1', 'sjJsFx', 'sjFx1')] },
  { id: 'songjiang', inner: false, label: [121.215, 31.02], rings: [ring('mhSjQp', 'mhSj2', 'mhSj1', 'mhSjFx', 'sjFx1', 'sjJsFx', 'sjJs2', 'sjJs1', 'js9', 'sj1', 'sjQp3', 'sjQp2', 'sjQp1')] },
  { id: 'qingpu', inner: false, label: [121.115, 31.165], rings: [ring('qp7', 'qpJd1', 'jdQpMh', 'mhQp1', 'mhSjQp', 'sjQp1', 'sjQp2', 'sjQp3', 'sj1', 'qp1', 'qp2', 'qp3', 'qp4', 'qp5', 'qp6')] },
  { id: 'jinshan', inner: false, label: [121.2, 30.835], rings: [ring('js9', 'sjJs1', 'sjJs2', 'sjJsFx', 'fxJs1', 'js1', 'js2', 'js3', 'js4', 'js5', 'js6', 'js7', 'js8')] },
];

// The Huangpu, from its mouth to where it comes from: what everybody here finds their way by.
export const river: Corner[] = [...ring('wusongMouth', 'riverBs', 'bsYpRiver', 'riverYp1', 'riverYp2', 'ypHkRiver', 'hkHpRiver', 'hpRiver1', 'hpRiver2', 'hpRiver3', 'hpXhRiver', 'xhRiver1', 'xhRiver2', 'xhMhPdRiver'), [121.462, 31.06], [121.482, 31.01], [121.47, 30.99], ...ring('mhFx2', 'mhSjFx'), [121.25, 30.975], [121.15, 30.955], [121.06, 30.985], [120.99, 31.06]];
