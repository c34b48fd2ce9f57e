import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { callRecord, callsOf, contact, type CallRecord } from '../api/core';
import { known } from '../i18n';
import { useDesk, useWhy } from './context';
import { Facts } from './Facts';
import { clock, hourSecond } from './time';
import { Turns } from './Turns';

// HistoryDetail is one contact of the past: what was said, what is known, and for a supervisor what the network saw.
export function HistoryDetail({ id }: { id: string }) {
  const { t } = useTranslation();
  const why = useWhy();
  const roles = useDesk().agent?.roles ?? [];
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
        {c.turns.length ? (
          <Turns key={c.id} turns={c.turns} handoffAt={c.queued_ms || c.answered_ms} />
        ) : (
          <p className="soft">{t(c.kind === 'emergency' ? 'contact.noWords' : 'talk.empty')}</p>
        )}
      </div>
      <div className="history-facts">
        <Facts contact={c} outcome />
        {roles.includes('supervisor') && <Calls contact={c.id} />}
      </div>
    </section>
  );
}

function Calls({ contact: id }: { contact: string }) {
  const { t } = useTranslation();
  const calls = useQuery({
    queryKey: ['calls', id],
    queryFn: async ({ signal }) => Promise.all((await callsOf(id, signal)).map((c) => callRecord(c.id, signal))),
    staleTime: 5_000,
  });
  if (!calls.data?.length) return null;
  return (
    <>
      <h2>{t('contact.calls')}</h2>
      {calls.data.map((c) => (
        <Ladder key={c.id} c={c} />
      ))}
    </>
  );
}

// Ladder is a call's messages in order, each with its direction seen from the core.
function Ladder({ c }: { c: CallRecord }) {
  const { t, i18n } = useTranslation();
  const steps = c.legs.flatMap((l) => l.messages ?? []).sort((a, b) => a.at_ms - b.at_ms);
  const codec = c.legs.map((l) => l.codec).filter(Boolean).join(', ');
  return (
    <details className="ladder">
      <summary>
        {hourSecond(c.started_ms, i18n.language)} {[known(t, 'call.cause', c.cause), codec, c.answered_ms && c.ended_ms ? clock(c.ended_ms - c.answered_ms) : '']
          .filter(Boolean)
          .join(' · ')}
      </summary>
      <ol>
        {steps.map((m, i) => (
          <li key={`${m.at_ms}-${i}`}>
            <time>{hourSecond(m.at_ms, i18n.language)}</time>
            <code>
              {m.sent ? '←' : '→'} {m.line}
            </code>
          </li>
        ))}
      </ol>
    </details>
  );
}
