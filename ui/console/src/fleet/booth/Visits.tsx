import { Button } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Booth } from '../api/wire';
import { languageName, lasting, useNow, when } from '../format';
import { PhoneIcon, SirenIcon } from '../icons';
import { Empty, Failure } from '../parts/Empty';
import { known } from '../words';
import { type CallFact, fold, type Visit } from './fold';
import { useEvents } from './useEvents';

export function Visits({ booth }: { booth: Booth }) {
  const { t, i18n } = useTranslation();
  const q = useEvents(booth.id, '');
  const visits = useMemo(() => fold(q.list), [q.list]);
  const days = useMemo(() => byDay(visits, i18n.language), [visits, i18n.language]);
  if (q.isPending) return <div className="page-wait" aria-busy="true" />;
  if (q.isError && visits.length === 0) return <Failure error={q.error} again={() => void q.refetch()} />;
  if (visits.length === 0 && !q.hasNextPage) return <Empty title={t('visits.none')} lead={t('visits.noneLead')} />;
  return (
    <div className="visits">
      <p className="soft small">{t('visits.facts')}</p>
      <div className="card table">
        <div className="visit visit-head" role="row">
          {(['began', 'lasted', 'lang', 'tasks', 'calls', 'outcome'] as const).map((c) => (
            <span key={c}>{t(`visits.${c}`)}</span>
          ))}
        </div>
        {days.map(([day, list]) => (
          <section key={day}>
            <h3 className="table-day">
              {day} <small>{t('visits.day', { n: list.length, c: list.reduce((n, v) => n + v.calls.length, 0) })}</small>
            </h3>
            {list.map((v) => (
              <Row key={v.id} visit={v} live={booth.visit} />
            ))}
          </section>
        ))}
      </div>
      {q.hasNextPage && (
        <Button className="more" loading={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('events.more')}
        </Button>
      )}
    </div>
  );
}

const longest = 2 * 3_600_000; // a visit without an end after this long has lost it

function Row({ visit: v, live }: { visit: Visit; live: boolean }) {
  const { t, i18n } = useTranslation();
  const now = useNow(1000);
  const running = !v.ended && live && now - v.at < longest;
  const how = v.how === 'lift' || v.how === 'touch' ? t(`visits.${v.how}`) : v.how;
  return (
    <div className="visit" role="row">
      <span>
        <time>{when(v.at, i18n.language, 'time')}</time> <small className="soft">{how}</small>
      </span>
      <span className="num">{v.ended ? lasting(v.ms) : running ? <span className="chip">{t('visits.running')} {lasting(now - v.at)}</span> : '–'}</span>
      <span>{v.lang ? languageName(v.lang, i18n.language) : ''}</span>
      <span>
        {v.tasks.map((x) => known(t, 'task', x)).join(i18n.language === 'en' ? ', ' : '、')} {v.turns > 0 && <small className="soft">{t('visits.turns', { n: v.turns })}</small>}{' '}
        {v.misses > 0 && <small className="hot">{t('visits.misses', { n: v.misses })}</small>}
      </span>
      <span className="visit-calls">
        {v.calls.map((c) => (
          <Call key={c.id} call={c} />
        ))}
      </span>
      <span>{known(t, 'outcome', v.outcome)}</span>
    </div>
  );
}

function Call({ call: c }: { call: CallFact }) {
  const { t } = useTranslation();
  const urgent = c.kind === 'emergency';
  return (
    <span className={urgent ? (c.test ? 'chip chip-hot' : 'chip chip-sos') : 'chip chip-quiet'}>
      {urgent ? <SirenIcon size={13} weight="fill" /> : <PhoneIcon size={13} />} {urgent ? t('visits.emergency', { number: c.number }) : known(t, 'visits.call', c.kind)}
      {c.test && ` · ${t('visits.test')}`}
      {c.ms !== null && ` · ${lasting(c.ms)}`}
      {c.cause && c.cause !== 'normal' && ` · ${known(t, 'cause', c.cause)}`}
    </span>
  );
}

export function byDay<T extends { at: number }>(list: T[], lang: string): [string, T[]][] {
  const out = new Map<string, T[]>();
  for (const x of list) {
    const day = when(x.at, lang, 'day');
    const there = out.get(day);
    if (there) there.push(x);
    else out.set(day, [x]);
  }
  return [...out];
}
