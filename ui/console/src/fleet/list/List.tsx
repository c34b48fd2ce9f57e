import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { summary } from '../api/fleet';
import { useLive } from '../api/live';
import { useWhy } from '../context';
import { count } from '../format';
import { go } from '../route';
import { Cards } from './Cards';
import { all, type Filter, fromSearch, isAll, toSearch } from './filter';
import { Filters } from './Filters';
import { Grid } from './Grid';
import { Reader } from './reader';
import { outdated } from './rows';
import { Empty, Failure } from '../parts/Empty';

// The reader outlives the screen: who comes back from a booth finds the list as it was left.
let reader: Reader | null = null;

function useReader(filter: Filter): Reader {
  const r = (reader ??= new Reader(filter));
  useEffect(() => {
    r.look(filter);
  }, [r, filter]);
  return r;
}

export function List({ search }: { search: URLSearchParams }) {
  const { t, i18n } = useTranslation();
  const filter = useMemo(() => fromSearch(search), [search]);
  const r = useReader(filter);
  const rows = useSyncExternalStore(r.subscribe, r.snapshot);
  const sums = useQuery({ queryKey: ['summary'], queryFn: ({ signal }) => summary(signal) });
  const soon = useSoon();
  useLive('', {
    news: (batch) => {
      r.news(batch);
      if (batch.some((n) => n.booth ?? n.gone)) soon();
    },
    back: () => {
      r.again();
      soon();
    },
  });
  const set = useCallback((f: Partial<Filter>, replace = false) => go(toSearch({ ...fromSearch(new URLSearchParams(location.search)), ...f }), replace), []);
  const stale = outdated(rows);
  const why = useWhy();
  const first = rows.phase === 'loading' && rows.rows.length === 0;
  return (
    <div className="list">
      <Cards summary={sums.data} filter={filter} set={set} />
      <section className="list-box card">
        <div className="list-bar">
          <Filters summary={sums.data} filter={filter} set={set} />
          <div className="list-sum" role="status">
            {stale > 0 && (
              <Button size="small" className="list-stale" onClick={() => r.again()}>
                {t('list.stale', { n: count(stale, i18n.language) })}
              </Button>
            )}
            {rows.phase === 'failed' && rows.rows.length > 0 && (
              <Button size="small" danger onClick={() => r.more()} title={why(r.error)}>
                {t('list.more')}
              </Button>
            )}
            <span>{first ? '' : t('list.total', { n: count(rows.total, i18n.language) })}</span>
          </div>
        </div>
        {rows.phase === 'failed' && rows.rows.length === 0 ? (
          <Failure error={r.error} again={() => r.again()} />
        ) : rows.phase === 'whole' && rows.rows.length === 0 ? (
          <Nothing filter={filter} />
        ) : (
          <Grid rows={rows} />
        )}
      </section>
    </div>
  );
}

function Nothing({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  if (isAll(filter)) {
    return (
      <Empty title={t('list.none')} lead={t('list.noneLead')}>
        <Button type="primary" onClick={() => go('claim')}>
          {t('nav.claim')}
        </Button>
      </Empty>
    );
  }
  return (
    <Empty title={t('list.noMatch')} lead={t('list.noMatchLead')}>
      <Button onClick={() => go(toSearch(all))}>{t('list.clear')}</Button>
    </Empty>
  );
}

// useSoon has the sums counted anew after news, at most every three seconds.
function useSoon(): () => void {
  const client = useQueryClient();
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ||= window.setTimeout(() => {
      timer.current = 0;
      void client.invalidateQueries({ queryKey: ['summary'] });
    }, 3_000);
  }, [client]);
}
