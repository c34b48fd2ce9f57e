import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Button, Input, Select, Skeleton } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contacts, type Search } from '../api/core';
import type { Contact } from '../desk/protocol';
import { known, languageName } from '../i18n';
import { useDesk, useWhy } from './context';
import { HistoryDetail } from './HistoryDetail';
import { MagnifyingGlassIcon } from './icons';
import { clock, day, hour, sameDay } from './time';

// pauseTime is how long the agent must stop typing before the core is asked.
const pauseTime = 250;
const dayMs = 86_400_000;

const periods = { any: 0, today: 1, week: 7, month: 30 } as const;
type Period = keyof typeof periods;
const shows: Record<string, Partial<Search>> = {
  all: {},
  emergency: { kind: 'emergency' },
  callback: { kind: 'callback' },
  due: { state: 'callback' },
};

export default function History({ id, go }: { id: string; go(to: string): void }) {
  const { t } = useTranslation();
  const why = useWhy();
  const s = useDesk();
  const [text, setText] = useState('');
  const [period, setPeriod] = useState<Period>('any');
  const [show, setShow] = useState('all');
  const [whose, setWhose] = useState('all');
  const words = useLate(text.trim());
  const me = s.agent?.id ?? '';
  const search = useMemo<Search>(
    () => ({ q: words, from: since(periods[period]), kind: '', state: '', agent: whose === 'mine' ? me : '', ...shows[show] }),
    [words, period, show, whose, me],
  );
  const narrowed = Object.values(search).some(Boolean);
  const pages = useInfiniteQuery({
    queryKey: ['contacts', search],
    queryFn: ({ pageParam, signal }) => contacts(search, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const list = useMemo(() => pages.data?.pages.flatMap((p) => p.contacts) ?? [], [pages.data]);
  const { refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  // What was just closed belongs on the list.
  const mine = s.contact?.id;
  useEffect(() => void refetch(), [mine, refetch]);
  return (
    <div className="stage history">
      <section className="card history-list" aria-label={t('history.title')}>
        <Input
          allowClear
          size="large"
          maxLength={100}
          prefix={<MagnifyingGlassIcon size={18} />}
          aria-label={t('history.search')}
          placeholder={t('history.search')}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        <div className="history-filters">
          <Select
            aria-label={t('history.period.label')}
            value={period}
            onChange={setPeriod}
            options={(Object.keys(periods) as Period[]).map((value) => ({ value, label: t(`history.period.${value}`) }))}
          />
          <Select
            aria-label={t('history.show.label')}
            value={show}
            onChange={setShow}
            options={Object.keys(shows).map((value) => ({ value, label: t(`history.show.${value}`) }))}
          />
          <Select
            aria-label={t('history.whose.label')}
            value={whose}
            onChange={setWhose}
            options={['all', 'mine'].map((value) => ({ value, label: t(`history.whose.${value}`) }))}
          />
        </div>
        <p className="history-count soft small" role="status">
          {pages.isError ? why(pages.error) : pages.isPlaceholderData ? t('history.searching') : ' '}
        </p>
        <div className="history-scroll">
          {pages.isPending && <Skeleton active paragraph={{ rows: 8 }} title={false} />}
          {pages.isSuccess && list.length === 0 && !pages.isPlaceholderData && (
            <p className="soft history-none">{narrowed ? t('history.noMatch') : t('history.none')}</p>
          )}
          <ul>
            {list.map((c, i) => (
              <Entry key={c.id} c={c} before={list[i - 1]} chosen={c.id === id} open={() => go(`history/${c.id}`)} />
            ))}
          </ul>
          {hasNextPage && (
            <Button block loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t('history.more')}
            </Button>
          )}
        </div>
      </section>
      {id ? <HistoryDetail id={id} /> : <section className="card stage-empty soft">{t('history.pick')}</section>}
    </div>
  );
}

// useLate is the value once it has been the same for a while.
function useLate(value: string): string {
  const [late, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), pauseTime);
    return () => clearTimeout(timer);
  }, [value]);
  return late;
}

// since is the beginning of the day that was so many days ago; today is 1, and 0 is ever.
function since(days: number): string {
  if (!days) return '';
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  return new Date(midnight.getTime() - (days - 1) * dayMs).toISOString();
}

function Entry({ c, before, chosen, open }: { c: Contact; before: Contact | undefined; chosen: boolean; open(): void }) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  const newDay = !before || !sameDay(before.created_ms, c.created_ms);
  const now = Date.now();
  const name = sameDay(now, c.created_ms)
    ? t('history.today')
    : sameDay(now - dayMs, c.created_ms)
      ? t('history.yesterday')
      : day(c.created_ms, lang);
  const talked = c.answered_ms && c.ended_ms ? clock(c.ended_ms - c.answered_ms) : '';
  const urgent = c.kind === 'emergency';
  return (
    <li>
      {newDay && <h3 className="history-day">{name}</h3>}
      <button type="button" className="entry" aria-current={chosen ? 'true' : undefined} onClick={open}>
        <time>{hour(c.created_ms, lang)}</time>
        <span className="entry-what">
          <strong>{urgent ? t('contact.dialled', { number: c.number || 'SOS' }) : known(t, 'task', c.task) || t('contact.noTask')}</strong>
          <span>{c.place || c.booth}</span>
          {c.note && <em>{c.note}</em>}
        </span>
        <span className="entry-end">
          <span className={`chip chip-${urgent ? 'sos' : c.disposition || c.state}`}>
            {urgent ? t('contact.kind.emergency') : known(t, 'wrap.what', c.disposition) || known(t, 'contact.state', c.state)}
          </span>
          {c.test && <span className="chip chip-test">{t('contact.test')}</span>}
          <small>{[languageName(c.lang, lang), talked].filter(Boolean).join(' · ')}</small>
        </span>
      </button>
    </li>
  );
}
