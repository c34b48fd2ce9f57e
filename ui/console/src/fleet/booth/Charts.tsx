import { BarChart, LineChart } from 'echarts/charts';
import { AxisPointerComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { connect, type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeriesPoint, SeriesSet } from '../api/wire';
import { number } from '../format';
import { option } from './chart';
import { facts, type Hours, type Shown, shown } from './series';

use([LineChart, BarChart, GridComponent, TooltipComponent, AxisPointerComponent, CanvasRenderer]);

interface Data {
  from: number;
  to: number;
  set: SeriesSet;
}

const group = 'health'; // the charts share one pointer: what happened at this time everywhere

export default function Charts({ data, range, old }: { data: Data; range: Hours; old: boolean }) {
  useEffect(() => {
    connect(group);
  }, []);
  return (
    <div className={`charts ${old ? 'charts-old' : ''}`}>
      {shown.map((s) => (
        <Chart key={s.name} shown={s} points={data.set.series.find((x) => x.name === s.name)?.points ?? []} last={data.set.last?.[s.name]} data={data} range={range} />
      ))}
    </div>
  );
}

interface Props {
  shown: Shown;
  points: SeriesPoint[];
  last: number | undefined;
  data: Data;
  range: Hours;
}

const many = 10_240; // megabytes that are better said in gigabytes

// inGiga divides where the figures of a series of megabytes grow long.
function inGiga(points: SeriesPoint[]): SeriesPoint[] {
  return points.map((p) => ({ ...p, min: p.min / 1024, max: p.max / 1024, mean: p.mean / 1024 }));
}

function Chart({ shown: given, points: raw, last: newest, data, range }: Props) {
  const { t, i18n } = useTranslation();
  const giga = given.name.endsWith('_mb') && raw.some((p) => p.max > many);
  const points = useMemo(() => (giga ? inGiga(raw) : given.name === 'temp_c' ? raw.filter((p) => p.max !== 0 || p.min !== 0) : raw), [giga, given, raw]); // 0 °C is no sensor
  const s = useMemo(() => (giga ? { ...given, digits: 1 } : given), [giga, given]);
  const last = giga && newest !== undefined ? newest / 1024 : newest;
  const unit = giga ? 'GB' : t(`health.unit.${s.name}`);
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const f = useMemo(() => facts(points), [points]);
  const look = document.documentElement.dataset.look;
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const c = init(el);
    c.group = group;
    chart.current = c;
    const o = new ResizeObserver(() => c.resize());
    o.observe(el);
    return () => {
      o.disconnect();
      c.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option({ shown: s, points, from: data.from, to: data.to, range, lang: i18n.language, words: (k) => t(`health.${k}`), unit }), true);
  }, [s, points, data, range, t, i18n.language, look, unit]);
  const value = s.kind === 'sum' ? f?.sum : last;
  return (
    <figure className="card chart">
      <figcaption>
        <span>{t(`health.series.${s.name}`)}</span>
        <b>
          {value === undefined || !f ? '–' : number(value, s.digits)} <small>{unit}</small>
        </b>
        {f && s.kind === 'line' && (
          <small>
            {number(f.min, s.digits)} – {number(f.max, s.digits)}
          </small>
        )}
        {f && s.kind === 'sum' && <small>{t('health.sum')}</small>}
      </figcaption>
      <div ref={box} className="chart-box" role="img" aria-label={`${t(`health.series.${s.name}`)}: ${f ? `${t('health.min')} ${number(f.min)}, ${t('health.mean')} ${number(f.mean)}, ${t('health.max')} ${number(f.max)} ${unit}` : t('health.none')}`} />
      {!f && <p className="chart-none soft small">{t('health.none')}</p>}
    </figure>
  );
}
