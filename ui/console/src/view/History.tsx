import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Input, Skeleton } from 'antd';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contact, contacts } from '../api/core';
import type { Contact } from '../desk/protocol';
import { known, languageName } from '../i18n';
import { useDesk, useWhy } from './context';
import { Facts } from './Facts';
import { MagnifyingGlassIcon } from './icons';
import { clock, day, hour, sameDay } from './time';
import { Turns } from './Turns';

// searchDepth is how many contacts a search reads by itself before it waits to be asked.
const searchDepth = 500;

export default function History({ id, go }: { id: string; go(to: string): void }) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const s = useDesk();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const pages = useInfiniteQuery({
    queryKey: ['contacts'],
    queryFn: ({ pageParam, signal }) => contacts(pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 30_000,
  });
  const all = useMemo(() => pages.data?.pages.flatMap((p) => p.contacts) ?? [], [pages.data]);
  const list = useMemo(() => all.filter((c) => !wanted || words(c, (g, v) => known(t, g, v), i18n.language).includes(wanted)), [all, wanted, t, i18n.language]);
  const { refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  // What was just closed belongs on the list.
  const mine = s.contact?.id;
  useEffect(() => void refetch(), [mine, refetch]);
  const deeper = wanted !== '' && list.length < 20 && all.length < searchDepth;
  useEffect(() => {
    if (deeper && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [deeper, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="stage history">
      <section className="card history-list" aria-label={t('history.title')}>
        <Input
          allowClear
          size="large"
          prefix={<MagnifyingGlassIcon size={18} />}
          aria-label={t('history.search')}
          placeholder={t('history.search')}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        <p className="history-count soft small" role="status">
          {pages.isError
            ? why(pages.error)
            : wanted
              ? isFetchingNextPage
                ? t('history.searching')
                : t('history.searched', { n: all.length })
              : ' '}
        </p>
        <div className="history-scroll">
          {pages.isPending && <Skeleton active paragraph={{ rows: 8 }} title={false} />}
          {pages.isSuccess && list.length === 0 && !isFetchingNextPage && (
            <p className="soft history-none">{wanted ? t('history.noMatch', { q: text.trim() }) : t('history.none')}</p>
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
      {id ? <Detail id={id} /> : <section className="card stage-empty soft">{t('history.pick')}</section>}
    </div>
  );
}

// words is all that a search looks through, in the words that the agent sees.
function words(c: Contact, in_: (group: string, value: string) => string, lang: string): string {
  return [
    c.id, c.booth, c.place, c.agent, c.note, in_('task', c.task), in_('wrap.what', c.disposition), in_('contact.state', c.state),
    languageName(c.lang, lang), ...c.slots.map((s) => s.value),
  ].join('\n').toLowerCase();
}

function Entry({ c, before, chosen, open }: { c: Contact; before: Contact | undefined; chosen: boolean; open(): void }) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  const newDay = !before || !sameDay(before.created_ms, c.created_ms);
  const now = Date.now();
  const name = sameDay(now, c.created_ms)
    ? t('history.today')
    : sameDay(now - 86_400_000, c.created_ms)
      ? t('history.yesterday')
      : day(c.created_ms, lang);
  const talked = c.answered_ms && c.ended_ms ? clock(c.ended_ms - c.answered_ms) : '';
  return (
    <li>
      {newDay && <h3 className="history-day">{name}</h3>}
      <button type="button" className="entry" aria-current={chosen ? 'true' : undefined} onClick={open}>
        <time>{hour(c.created_ms, lang)}</time>
        <span className="entry-what">
          <strong>{known(t, 'task', c.task) || t('contact.noTask')}</strong>
          <span>{c.place || c.booth}</span>
          {c.note && <em>{c.note}</em>}
        </span>
        <span className="entry-end">
          <span className={`chip chip-${c.kind === 'emergency' ? 'sos' : c.disposition || c.state}`}>
            {c.kind === 'emergency'
              ? t('contact.kind.emergency')
              : known(t, 'wrap.what', c.disposition) || known(t, 'contact.state', c.state)}
          </span>
          <small>{[languageName(c.lang, lang), talked].filter(Boolean).join(' · ')}</small>
        </span>
      </button>
    </li>
  );
}

function Detail({ id }: { id: string }) {
  const { t } = useTranslation();
  const why = useWhy();
  const one = useQuery({ queryKey: ['contact', id], queryFn: ({ signal }) => contact(id, signal), staleTime: 5_000 });
  if (one.isPending) {
    return (
      <section className="card stage-empty">
        <Skeleton active />
      </section>
    );
  }
  if (!one.data) {
    return (
      <section className="card stage-empty soft" role="alert">
        {one.isError ? why(one.error) : t('history.gone')}
      </section>
    );
  }
  const c = one.data;
  return (
    <section className="card history-detail">
      <div className="history-talk">
        {c.turns.length ? <Turns key={c.id} turns={c.turns} handoffAt={c.queued_ms || c.answered_ms} /> : <p className="soft">{t('talk.empty')}</p>}
      </div>
      <div className="history-facts">
        <Facts contact={c} outcome />
      </div>
    </section>
  );
}
