import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { booth as readBooth } from '../api/fleet';
import type { Booth as BoothData } from '../api/wire';
import { Failure, Empty } from '../parts/Empty';
import { go, useLinkTo } from '../route';
import { Audit } from '../audit/AuditList';
import { Commands } from './Commands';
import { Events } from './Events';
import { Head } from './Head';
import { Health } from './Health';
import { Screen } from './Screen';
import { useBoothNews } from './news';
import { Visits } from './Visits';

const Twin = lazy(() => import('../twin/Twin'));

const tabs = ['health', 'visits', 'commands', 'twin', 'screen', 'events', 'audit'] as const;
type Tab = (typeof tabs)[number];

export default function Booth({ id, tab, search }: { id: string; tab: string; search: URLSearchParams }) {
  const { t } = useTranslation();
  const q = useQuery({ queryKey: ['booth', id], queryFn: ({ signal }) => readBooth(id, signal) });
  useBoothNews(id);
  const name = q.data?.name || id;
  useEffect(() => {
    document.title = `${name} · ${t('fleet')} · ${t('brand')}`;
  }, [name, t]);
  if (q.isPending) return <div className="page-wait" aria-busy="true" />;
  if (!q.data) {
    const none = q.error instanceof ApiError && q.error.status === 404;
    if (!none) return <Failure error={q.error} again={() => void q.refetch()} />;
    return (
      <Empty title={t('booth.gone')} lead={t('booth.goneLead', { id })}>
        <Button onClick={() => go('')}>{t('nav.back')}</Button>
      </Empty>
    );
  }
  const here: Tab = (tabs as readonly string[]).includes(tab) ? (tab as Tab) : 'health';
  return (
    <div className="booth">
      <Head booth={q.data} />
      <nav className="booth-tabs">
        {tabs.map((x) => (
          <TabLink key={x} id={id} tab={x} here={x === here} booth={q.data} />
        ))}
      </nav>
      <div className="booth-part">
        <Suspense fallback={<div className="page-wait" aria-busy="true" />}>
          <Part tab={here} booth={q.data} search={search} />
        </Suspense>
      </div>
    </div>
  );
}

function TabLink({ id, tab, here, booth }: { id: string; tab: Tab; here: boolean; booth: BoothData }) {
  const { t } = useTranslation();
  const link = useLinkTo(`booths/${encodeURIComponent(id)}${tab === 'health' ? '' : `/${tab}`}`);
  const n = tab === 'twin' ? booth.drift : tab === 'commands' ? booth.pending : 0;
  return (
    <a {...link} aria-current={here ? 'page' : undefined}>
      {t(`tab.${tab}`)}
      {n > 0 && <span className="chip chip-hot">{n}</span>}
    </a>
  );
}

function Part({ tab, booth, search }: { tab: Tab; booth: BoothData; search: URLSearchParams }) {
  switch (tab) {
    case 'visits':
      return <Visits booth={booth} />;
    case 'commands':
      return <Commands booth={booth} />;
    case 'twin':
      return <Twin booth={booth} />;
    case 'screen':
      return <Screen booth={booth} />;
    case 'events':
      return <Events booth={booth} kind={search.get('type') ?? ''} />;
    case 'audit':
      return <Audit booth={booth.id} actor="" own />;
    default:
      return <Health booth={booth} />;
  }
}
