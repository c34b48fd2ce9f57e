// What one chart looks like, as echarts wants it.
import type { EChartsCoreOption } from 'echarts/core';
import type { SeriesPoint } from '../api/wire';
import { number, when } from '../format';
import { bar, gaps, type Hours, type Mark, marks, type Shown, step } from './series';

interface Wish {
  shown: Shown;
  points: SeriesPoint[];
  from: number;
  to: number;
  range: Hours;
  lang: string;
  unit: string;
  words(key: 'min' | 'max' | 'mean' | 'sum'): string;
}

// colour reads one of the page's own: the charts follow the light as everything else does.
const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export function option(w: Wish): EChartsCoreOption {
  const soft = colour('soft');
  const line = colour('line');
  return {
    animation: false,
    textStyle: { fontFamily: 'inherit', color: soft },
    grid: { left: 6, right: 10, top: 10, bottom: 4, containLabel: true },
    xAxis: {
      type: 'time',
      min: w.from,
      max: w.to,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { color: soft, hideOverlap: true, fontSize: 11, formatter: { year: '{yyyy}', month: '{MM}-{dd}', day: '{MM}-{dd}', hour: '{HH}:{mm}', minute: '{HH}:{mm}' } },
    },
    yAxis: {
      type: 'value',
      scale: w.shown.kind === 'line' && w.shown.name !== 'cpu_pct',
      min: w.shown.kind === 'sum' ? 0 : undefined,
      minInterval: w.shown.kind === 'sum' ? 1 : 0,
      splitNumber: 3,
      axisLabel: { color: soft, fontSize: 11 },
      splitLine: { lineStyle: { color: line, opacity: 0.7 } },
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText', // HTML would need styles that the page's policy refuses
      backgroundColor: colour('card'),
      borderColor: line,
      textStyle: { color: colour('ink'), fontSize: 12 },
      axisPointer: { lineStyle: { color: soft } },
      formatter: (p: unknown) => tip(p, w),
    },
    series: w.shown.kind === 'sum' ? bars(w) : band(w),
  };
}

function tip(p: unknown, w: Wish): string {
  const items = p as { data?: { mark?: Mark } }[];
  const m = items.find((i) => i.data?.mark)?.data?.mark;
  if (!m) return '';
  const at = when(m.at, w.lang, 'short').replace(/:\d\d$/, '');
  if (w.shown.kind === 'sum') return `${at}\n${Math.round(m.sum)} ${w.unit}`;
  const v = (n: number): string => number(n, Math.max(1, w.shown.digits));
  return `${at}\n${w.words('mean')} ${v(m.mean)} ${w.unit}\n${w.words('min')} ${v(m.min)}  ${w.words('max')} ${v(m.max)}`;
}

// band is a line of the mean upon a pale band from the lowest to the highest: stacked, an unseen floor and what stands on it.
function band(w: Wish): unknown[] {
  const size = step[w.range];
  const all = gaps(marks(w.points, size), size);
  const jade = colour('jade');
  const of = (f: (m: Mark) => number): { value: [number, number | null]; mark?: Mark; symbol?: string }[] =>
    all.map((m, i) => {
      if (!('mean' in m)) return { value: [m.at, null] };
      // A mark between two silences would be a line of no length.
      const alone = [all[i - 1], all[i + 1]].every((x) => !x || !('mean' in x));
      return { value: [m.at, f(m)], mark: m, symbol: alone ? 'circle' : 'none' };
    });
  const unseen = (f: (m: Mark) => number) => of(f).map(({ symbol: _, ...x }) => x);
  const quiet = { type: 'line', stack: 'band', symbol: 'none', silent: true, lineStyle: { opacity: 0 } };
  return [
    { ...quiet, data: unseen((m) => m.min), stackStrategy: 'all' },
    { ...quiet, data: unseen((m) => m.max - m.min), stackStrategy: 'all', areaStyle: { color: jade, opacity: 0.16 } },
    { type: 'line', data: of((m) => m.mean), symbolSize: 5, lineStyle: { color: jade, width: 1.6 }, itemStyle: { color: jade } },
  ];
}

function bars(w: Wish): unknown[] {
  const size = bar[w.range];
  const offset = -new Date(w.from).getTimezoneOffset() * 60_000;
  const data = marks(w.points, size, offset).map((m) => ({ value: [m.at + size / 2, Math.round(m.sum)], mark: m }));
  return [{ type: 'bar', data, barCategoryGap: '25%', barMaxWidth: 22, itemStyle: { color: colour(w.shown.name === 'xruns' ? 'hot' : 'jade'), borderRadius: [2, 2, 0, 0] } }];
}
