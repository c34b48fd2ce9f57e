import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { series as readSeries } from '../api/fleet';
import type { Booth } from '../api/wire';
import { ago, coreNow, number, useNow, when } from '../format';
import { Empty, Failure } from '../parts/Empty';
import { actorName } from '../words';
import { hours, type Hours, shown } from './series';

const Charts = lazy(() => import('./Charts'));
const names = shown.map((s) => s.name);

export function Health({ booth: b }: { booth: Booth }) {
  const { t } = useTranslation();
  const [range, setRange] = useState<Hours>(24);
  const q = useQuery({
    queryKey: ['series', b.id, range],
    queryFn: async ({ signal }) => {
      const to = coreNow();
      const from = to - range * 3_600_000;
      return { from, to, set: await readSeries(b.id, names, from, to, signal) };
    },
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
  const none = q.data?.set.series.every((s) => !s.points?.length) ?? false;
  return (
    <div className="health">
      <div className="bar">
        <Segmented<Hours> value={range} onChange={setRange} options={hours.map((value) => ({ value, label: t(`health.range_${value}`) }))} aria-label={t('health.range')} />
        <span className="soft small">{t('health.band')}</span>
      </div>
      <div className="health-now">
        <Pulse booth={b} />
        <About booth={b} />
      </div>
      {q.isError && !q.data ? (
        <Failure error={q.error} again={() => void q.refetch()} />
      ) : none ? (
        <Empty title={t('health.none')} lead={t('health.noneLead')} />
      ) : (
        <Suspense fallback={<Waiting />}>{q.data ? <Charts data={q.data} range={range} old={q.isPlaceholderData} /> : <Waiting />}</Suspense>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <div className="charts" aria-busy="true">
      {names.map((n) => (
        <div key={n} className="card chart chart-wait" />
      ))}
    </div>
  );
}

// Pulse is what the last heartbeat said: now, where the charts are of the last five minutes and before.
function Pulse({ booth: b }: { booth: Booth }) {
  const { t, i18n } = useTranslation();
  const now = useNow(1000);
  const p = b.pulse;
  if (!p) return <p className="pulse soft">{t('health.pulseNone')}</p>;
  const facts: [string, string, boolean][] = [
    [t('health.cpu'), `${number(p.cpu, 0)} %`, p.cpu > 90],
    [t('health.mem'), `${p.mem_mb} MB`, false],
    [t('health.disk'), p.disk_mb >= 10_000 ? `${number(p.disk_mb / 1024)} GB` : `${p.disk_mb} MB`, p.disk_mb < 500],
    [t('health.temp'), p.temp_c ? `${number(p.temp_c, 0)} °C` : '–', p.temp_c >= 70],
    [t('health.sip'), t(p.sip === 'up' ? 'list.sipUp' : 'list.sipDown'), p.sip !== 'up'],
    [t('health.queue'), t('health.rows', { n: p.pending }), p.pending > 1000],
  ];
  return (
    <section className={`pulse card ${b.presence === 'online' ? '' : 'pulse-old'}`}>
      <h2>
        {t('health.pulse')} <small>{ago(now - p.at_ms, i18n.language)}</small>
      </h2>
      <dl>
        {facts.map(([label, value, hot]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={hot ? 'hot' : ''}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

// About is what hardly ever changes.
function About({ booth: b }: { booth: Booth }) {
  const { t, i18n } = useTranslation();
  const facts: [string, string][] = [
    [t('booth.board'), b.board || '–'],
    [t('booth.claimed'), t('booth.claimedBy', { who: actorName(t, b.claimed_by) || '–', when: when(b.claimed_ms, i18n.language, 'date') })],
  ];
  return (
    <section className="pulse card">
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
