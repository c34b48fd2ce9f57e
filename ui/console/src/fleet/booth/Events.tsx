import { Button, Segmented } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Booth, Event } from '../api/wire';
import { when } from '../format';
import { Empty, Failure } from '../parts/Empty';
import { Facts } from '../parts/Facts';
import { go } from '../route';
import { known } from '../words';
import { useEvents } from './useEvents';
import { byDay } from './Visits';

const kinds = ['', 'visit', 'call', 'emergency', 'fault', 'config', 'boot'];

export function Events({ booth, kind }: { booth: Booth; kind: string }) {
  const { t, i18n } = useTranslation();
  const q = useEvents(booth.id, kind);
  const days = useMemo(() => byDay(q.list.map((e) => ({ ...e, at: e.at_ms })), i18n.language), [q.list, i18n.language]);
  return (
    <div className="events">
      <div className="bar">
        <Segmented
          value={kinds.includes(kind) ? kind : ''}
          options={kinds.map((value) => ({ value, label: value ? t(`events.kind.${value}`) : t('events.all') }))}
          onChange={(v) => go(`booths/${encodeURIComponent(booth.id)}/events${v ? `?type=${v}` : ''}`, true)}
        />
        {Math.abs(booth.skew_ms) > 1000 && <span className="soft small">{t('events.clockNote')}</span>}
      </div>
      {q.isPending ? (
        <div className="page-wait" aria-busy="true" />
      ) : q.isError && q.list.length === 0 ? (
        <Failure error={q.error} again={() => void q.refetch()} />
      ) : q.list.length === 0 ? (
        <Empty title={t(kind ? 'events.noMatch' : 'events.none')} />
      ) : (
        <div className="card table">
          {days.map(([day, list]) => (
            <section key={day}>
              <h3 className="table-day">{day}</h3>
              {list.map((e) => (
                <Row key={e.id} event={e} />
              ))}
            </section>
          ))}
        </div>
      )}
      {q.hasNextPage && (
        <Button className="more" loading={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('events.more')}
        </Button>
      )}
    </div>
  );
}

function Row({ event: e }: { event: Event }) {
  const { t, i18n } = useTranslation();
  const bad = ['fault', 'refused', 'dropped', 'clock', 'clone'].includes(e.type);
  return (
    <div className="event" role="row">
      <time>{when(e.at_ms, i18n.language, 'time')}</time>
      <b className={e.type === 'emergency' || bad ? 'hot' : ''} title={e.type}>
        {known(t, 'events.type', e.type)}
      </b>
      <Facts data={e.data} />
      <code className="soft" title={e.visit}>
        {e.visit.slice(-6)}
      </code>
    </div>
  );
}
