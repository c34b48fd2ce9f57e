import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../api/fleet';
import type { Booth, Command } from '../api/wire';
import { useAct, useMay } from '../context';
import { languageName, useNow, when } from '../format';
import { MonitorIcon } from '../icons';
import { Kiosk } from '../mirror/Kiosk';
import { toView, type View } from '../mirror/view';
import { Empty } from '../parts/Empty';
import { known } from '../words';
import { type Mirrored, takeCommand } from './news';

const seconds = 120;
const over = (c: Command): boolean => ['done', 'failed', 'expired', 'rejected', 'cancelled'].includes(c.state);

// Screen shows what the booth's screen looks like, its words covered by the booth itself before anything was sent.
export function Screen({ booth: b }: { booth: Booth }) {
  const { t } = useTranslation();
  const may = useMay();
  const client = useQueryClient();
  const q = useQuery<Mirrored | null>({ queryKey: ['mirror', b.id], queryFn: () => null, enabled: false, staleTime: Infinity });
  const [stopped, setStopped] = useState<Mirrored | null>(null);
  const [busy, act] = useAct();
  // The booth shows its screen for its time, whether somebody looks or not: stopping stops looking.
  const m = stopped && stopped.command.id === q.data?.command.id ? stopped : (q.data ?? null);
  const view = toView(m?.view);
  const on = m !== null && !over(m.command) && m !== stopped;
  const reachable = b.presence === 'online' && b.standing === 'in_service';
  const start = (): void =>
    act(async () => {
      takeCommand(client, b.id, await send(b.id, { cmd: 'mirror', args: { seconds }, expires_s: 60 }));
    });
  return (
    <div className="screen">
      <aside className="screen-side">
        <p className="soft">{t('screen.lead')}</p>
        {on ? (
          <Button icon={<MonitorIcon size={16} />} onClick={() => setStopped(m)}>
            {t('screen.stop')}
          </Button>
        ) : (
          <Button type="primary" icon={<MonitorIcon size={16} />} loading={busy} disabled={!may || !reachable} onClick={start}>
            {t(m ? 'screen.again' : 'screen.start', { n: seconds })}
          </Button>
        )}
        <Status m={m} on={on} reachable={reachable} />
        {view && <Facts view={view} at={m?.at ?? 0} />}
      </aside>
      <div className="screen-glass">
        {view ? (
          <div className={on ? '' : 'kiosk-old'}>
            <Kiosk view={view} />
          </div>
        ) : (
          <Empty title={t(on ? 'screen.waiting' : reachable ? 'screen.none' : 'screen.offline')} lead={t('screen.noneLead')} />
        )}
      </div>
    </div>
  );
}

function Status({ m, on, reachable }: { m: Mirrored | null; on: boolean; reachable: boolean }) {
  const { t } = useTranslation();
  const now = useNow(1000);
  if (!m) return reachable ? null : <p className="hot">{t('screen.offline')}</p>;
  const c = m.command;
  if (over(c) && c.state !== 'done' && c.state !== 'cancelled') {
    return <p className="hot">{t('screen.failed', { why: c.error ? known(t, 'cmd.why', c.error) : t(`cmd.state.${c.state}`) })}</p>;
  }
  if (!on) return <p className="soft">{t('screen.over')}</p>;
  if (!m.view) return <p className="soft">{t('screen.waiting')}</p>;
  const left = Math.max(0, Math.ceil((c.created_ms + seconds * 1000 - now) / 1000));
  return (
    <p className="screen-live">
      <i /> {t('screen.left', { n: left })}
    </p>
  );
}

function Facts({ view: v, at }: { view: View; at: number }) {
  const { t, i18n } = useTranslation();
  const look = [v.large && t('screen.large'), v.contrast && t('screen.contrast')].filter(Boolean).join(' · ');
  const rows: [string, string][] = [
    [t('screen.now'), `${t(`screen.name.${v.screen}`)} (${v.screen})`],
    [t('screen.at'), when(at, i18n.language, 'time')],
    [t('screen.lang'), [v.lang && languageName(v.lang, i18n.language), look].filter(Boolean).join(' · ')],
    [t('screen.volume'), String(v.volume)],
  ];
  if (v.strip) rows.push([t('screen.bot'), t(`screen.activity.${v.strip.activity}`)]);
  return (
    <dl className="rows screen-facts">
      {rows.map(([k, x]) => (
        <div key={k}>
          <dt>{k}</dt>
          <dd>{x}</dd>
        </div>
      ))}
    </dl>
  );
}
