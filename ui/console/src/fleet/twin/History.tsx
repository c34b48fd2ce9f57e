import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { twinHistory } from '../api/fleet';
import type { Booth, Twin, TwinVersion } from '../api/wire';
import { when } from '../format';
import { ArrowCounterClockwiseIcon } from '../icons';
import { Empty, Failure } from '../parts/Empty';
import { actorName } from '../words';
import { Changes } from './Changes';
import { changes } from './diff';

interface Props {
  booth: Booth;
  twin: Twin;
  may: boolean;
  again(v: TwinVersion): void;
}

export function History({ booth, twin, may, again }: Props) {
  const { t } = useTranslation();
  const [picked, pick] = useState(0);
  const q = useInfiniteQuery({
    queryKey: ['twinHistory', booth.id],
    queryFn: ({ pageParam, signal }) => twinHistory(booth.id, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (p) => p.next || undefined,
  });
  const list = (q.data?.pages ?? []).flatMap((p) => p.versions ?? []);
  if (q.isPending) return <div className="page-wait" aria-busy="true" />;
  if (q.isError && list.length === 0) return <Failure error={q.error} again={() => void q.refetch()} />;
  if (list.length === 0) return <Empty title={t('twin.noHistory')} />;
  const at = Math.max(0, list.findIndex((v) => v.version === picked));
  return (
    <div className="twin-history">
      <div className="card twin-versions">
        {list.map((v, i) => (
          <VersionRow key={v.version} version={v} here={i === at} current={v.version === twin.version} pick={() => pick(v.version)} />
        ))}
        {q.hasNextPage && (
          <Button className="more" loading={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
            {t('twin.more')}
          </Button>
        )}
      </div>
      {list[at] && <Detail version={list[at]} before={list[at + 1]} first={at === list.length - 1 && !q.hasNextPage} twin={twin} may={may} again={again} />}
    </div>
  );
}

function VersionRow({ version: v, here, current, pick }: { version: TwinVersion; here: boolean; current: boolean; pick(): void }) {
  const { t, i18n } = useTranslation();
  return (
    <button type="button" className="entry" aria-current={here || undefined} onClick={pick}>
      <span className="entry-what">
        <strong>
          {t('twin.version', { n: v.version })} {current && <span className="chip">{t('twin.current')}</span>}
        </strong>
        <span>
          {actorName(t, v.actor)} · {when(v.at_ms, i18n.language, 'short')}
        </span>
        {v.note && <em>{v.note}</em>}
      </span>
    </button>
  );
}

function Detail({ version: v, before, first, twin, may, again }: { version: TwinVersion; before: TwinVersion | undefined; first: boolean; twin: Twin; may: boolean; again(v: TwinVersion): void }) {
  const { t } = useTranslation();
  const list = changes(before?.config ?? {}, v.config);
  const differs = changes(twin.desired ?? {}, v.config).length > 0;
  return (
    <section className="card twin-detail">
      <header>
        <h2>{first ? t('twin.first') : t('twin.against')}</h2>
        {differs && may ? (
          <Button icon={<ArrowCounterClockwiseIcon size={15} />} onClick={() => again(v)}>
            {t('twin.setAgain')}
          </Button>
        ) : (
          !differs && <span className="soft small">{t('twin.sameAsNow')}</span>
        )}
      </header>
      {list.length > 0 ? <Changes list={list} /> : <p className="soft">{t('twin.noChanges')}</p>}
      <pre>{JSON.stringify(v.config, null, 2)}</pre>
    </section>
  );
}
