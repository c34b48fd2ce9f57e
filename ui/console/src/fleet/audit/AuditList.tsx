import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { audit as read } from '../api/fleet';
import type { AuditEntry } from '../api/wire';
import { when } from '../format';
import { Empty, Failure } from '../parts/Empty';
import { Facts } from '../parts/Facts';
import { useLinkTo } from '../route';
import { actorName, known } from '../words';
import { byDay } from '../booth/Visits';

// door is the account as the audit writes it: with the door it came through.
const door = (actor: string): string => (actor === '' || actor === 'fleet' || actor.includes(':') ? actor : `desk:${actor}`);

interface Props {
  booth: string;
  actor: string;
  own?: boolean; // on the page of one booth: its name says nothing new
}

export function Audit({ booth, actor, own = false }: Props) {
  const { t, i18n } = useTranslation();
  const q = useInfiniteQuery({
    queryKey: ['audit', booth, actor],
    queryFn: ({ pageParam, signal }) => read({ booth, actor: door(actor), cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (p) => p.next || undefined,
    refetchInterval: 15_000,
  });
  const list = (q.data?.pages ?? []).flatMap((p) => p.entries ?? []);
  if (q.isPending) return <div className="page-wait" aria-busy="true" />;
  if (q.isError && list.length === 0) return <Failure error={q.error} again={() => void q.refetch()} />;
  if (list.length === 0) return <Empty title={t(actor || (booth && !own) ? 'audit.noMatch' : 'audit.none')} />;
  return (
    <>
      <div className={`card table audit-table ${own ? 'audit-own' : ''}`}>
        <div className="audit-row audit-head" role="row">
          {(['at', 'actor', 'action', 'booth', 'what', 'hash'] as const).map((c) => (
            <span key={c} className={`audit-${c}`}>
              {t(`audit.${c}`)}
            </span>
          ))}
        </div>
        {byDay(list.map((e) => ({ ...e, at: e.at_ms })), i18n.language).map(([day, entries]) => (
          <section key={day}>
            <h3 className="table-day">{day}</h3>
            {entries.map((e) => (
              <Row key={e.id} entry={e} />
            ))}
          </section>
        ))}
      </div>
      {q.hasNextPage && (
        <Button className="more" loading={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('audit.more')}
        </Button>
      )}
    </>
  );
}

function Row({ entry: e }: { entry: AuditEntry }) {
  const { t, i18n } = useTranslation();
  const link = useLinkTo(`booths/${encodeURIComponent(e.booth)}`);
  return (
    <div className="audit-row" role="row">
      <time className="audit-at">{when(e.at_ms, i18n.language, 'time')}</time>
      <span className="audit-actor">{actorName(t, e.actor)}</span>
      <b className="audit-action">{known(t, 'audit.act', e.action)}</b>
      <span className="audit-booth">{e.booth && <a {...link}>{e.booth}</a>}</span>
      <span className="audit-what">
        <Facts data={e.data} />
      </span>
      <Tooltip title={<code>{e.hash}</code>}>
        <code className="audit-hash soft">{e.hash.slice(0, 8)}</code>
      </Tooltip>
    </div>
  );
}
