import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cancel, commands as read, logURL } from '../api/fleet';
import { type Booth, type Command, type CommandName, commandNames, type CommandState, type Doc, type Json } from '../api/wire';
import { useAct, useMay, useSay } from '../context';
import { lasting, useNow, when } from '../format';
import { ArrowClockwiseIcon, ChatTextIcon, CheckIcon, DownloadSimpleIcon, FileTextIcon, MonitorIcon, SpeakerHighIcon, StethoscopeIcon, WarningIcon } from '../icons';
import { Empty, Failure } from '../parts/Empty';
import { Facts } from '../parts/Facts';
import { go } from '../route';
import { actorName, known } from '../words';
import { CommandSheet } from './CommandSheet';
import { takeCommand } from './news';

const icons: Record<CommandName, typeof CheckIcon> = { restart: ArrowClockwiseIcon, tone: SpeakerHighIcon, message: ChatTextIcon, selftest: StethoscopeIcon, logs: FileTextIcon, mirror: MonitorIcon };

export const useCommands = (id: string) =>
  useInfiniteQuery({
    queryKey: ['commands', id],
    queryFn: ({ pageParam, signal }) => read(id, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (p) => p.next || undefined,
  });

export function Commands({ booth: b }: { booth: Booth }) {
  const { t } = useTranslation();
  const may = useMay();
  const client = useQueryClient();
  const [wish, setWish] = useState<CommandName | null>(null);
  const q = useCommands(b.id);
  const list = (q.data?.pages ?? []).flatMap((p) => p.commands ?? []);
  const barred = b.standing === 'in_service' ? '' : t(`cmd.${b.standing}`);
  return (
    <div className={may ? 'commands' : 'commands commands-read'}>
      {may && (
        <section className="command-buttons" aria-label={t('tab.commands')}>
          {commandNames.map((c) => {
            const Icon = icons[c];
            return (
              <button key={c} type="button" className="command-button card" disabled={barred !== ''} onClick={() => (c === 'mirror' ? go(`booths/${encodeURIComponent(b.id)}/screen`) : setWish(c))}>
                <Icon size={22} />
                <strong>{t(`cmd.${c}`)}</strong>
                <small>{t(`cmd.what.${c}`)}</small>
              </button>
            );
          })}
          {barred && <p className="hot">{barred}</p>}
        </section>
      )}
      <section className="card command-list">
        <h2>{t('cmd.history')}</h2>
        {q.isError && list.length === 0 ? (
          <Failure error={q.error} again={() => void q.refetch()} />
        ) : !q.isPending && list.length === 0 ? (
          <Empty title={t('cmd.none')} />
        ) : (
          list.map((c) => <Row key={c.id} command={c} booth={b} />)
        )}
        {q.hasNextPage && (
          <Button className="more" loading={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
            {t('cmd.more')}
          </Button>
        )}
      </section>
      <CommandSheet
        booth={b}
        cmd={wish}
        close={() => setWish(null)}
        done={(c) => {
          takeCommand(client, b.id, c);
          setWish(null);
        }}
      />
    </div>
  );
}

const final = (s: CommandState): boolean => ['done', 'failed', 'expired', 'rejected', 'cancelled'].includes(s);
const way: CommandState[] = ['queued', 'sent', 'accepted', 'running', 'done'];

function Row({ command: c, booth: b }: { command: Command; booth: Booth }) {
  const { t, i18n } = useTranslation();
  const may = useMay();
  const client = useQueryClient();
  const say = useSay();
  const [busy, act] = useAct();
  const over = final(c.state);
  const bad = over && c.state !== 'done';
  const Icon = icons[c.cmd] ?? CheckIcon;
  const stop = (): void =>
    act(async () => {
      await cancel(b.id, c.id);
      await client.invalidateQueries({ queryKey: ['commands', b.id] });
      void say?.success(t('cmd.cancelled'));
    });
  const waits = b.visit && !c.force && c.state === 'accepted';
  return (
    <article className={`command ${over ? '' : 'command-live'}`}>
      <Icon size={19} className="command-icon" />
      <div className="command-what">
        <strong>
          {known(t, 'cmd', c.cmd)} {c.force && <span className="chip chip-hot">{t('cmd.forced')}</span>}
        </strong>
        <Facts data={publicArgs(c)} />
        <small className="soft">
          {actorName(t, c.actor)} · {when(c.created_ms, i18n.language, 'short')}
        </small>
      </div>
      <Way command={c} />
      <div className="command-end">
        <b className={bad && c.state !== 'cancelled' ? 'hot' : ''}>
          {t(`cmd.state.${c.state}`)}
          {waits && ` · ${t('cmd.waitsVisit')}`}
          {c.state === 'queued' && <small className="soft"> {t('cmd.expiresAt', { when: when(c.expires_ms, i18n.language, 'time') })}</small>}
          {over && <small className="soft"> {t('cmd.took', { time: lasting(c.changed_ms - c.created_ms) })}</small>}
          {!over && <Elapsed since={c.created_ms} />}
        </b>
        {c.error && <span className="hot">{known(t, 'cmd.why', c.error)}</span>}
        <Result command={c} />
        {c.cmd === 'logs' && c.state === 'done' && (
          <a className="command-log" href={logURL(b.id, c.id)} download={`${b.id}-${c.id}.log`}>
            <DownloadSimpleIcon size={15} /> {t('cmd.download')}
          </a>
        )}
        {may && c.state === 'queued' && (
          <Button size="small" loading={busy} onClick={stop}>
            {t('cmd.cancel')}
          </Button>
        )}
      </div>
    </article>
  );
}

// publicArgs leaves out where a log goes and with which proof.
function publicArgs(c: Command): Command['args'] {
  if (!c.args) return null;
  const { url: _, token: __, ...rest } = c.args;
  return rest;
}

function Elapsed({ since }: { since: number }) {
  const now = useNow(1000);
  return <small className="soft num"> {lasting(now - since)}</small>;
}

// Way shows the steps of a command's life with their times; what lies ahead is pale.
function Way({ command: c }: { command: Command }) {
  const { t, i18n } = useTranslation();
  const at = new Map((c.steps ?? []).map((s) => [s.state, s.at_ms]));
  const states = final(c.state) && c.state !== 'done' ? [...way.filter((s) => s !== 'done' && at.has(s)), c.state] : way;
  return (
    <ol className="way" aria-label={t(`cmd.state.${c.state}`)}>
      {states.map((s) => {
        const been = at.has(s) || s === c.state;
        const bad = final(s) && s !== 'done';
        return (
          <li key={s} className={`${been ? 'been' : ''} ${s === c.state && !final(s) ? 'now' : ''} ${bad ? 'bad' : ''}`}>
            <i>{bad ? <WarningIcon size={11} weight="fill" /> : been && s !== c.state ? <CheckIcon size={10} weight="bold" /> : s === 'done' && been ? <CheckIcon size={10} weight="bold" /> : null}</i>
            <span>{t(`cmd.state.${s}`)}</span>
            <time>{at.has(s) ? when(at.get(s) ?? 0, i18n.language, 'time') : ''}</time>
          </li>
        );
      })}
    </ol>
  );
}

function Result({ command: c }: { command: Command }) {
  const { t } = useTranslation();
  if (!c.result || c.cmd === 'mirror') return null;
  const { ok, parts, ...rest } = c.result;
  if (Array.isArray(parts)) return <Parts parts={parts} />;
  return (
    <span className="command-result">
      {typeof ok === 'boolean' && <b className={ok ? '' : 'hot'}>{t(ok ? 'cmd.passed' : 'cmd.notPassed')}</b>}
      <Facts data={flat(rest)} />
    </span>
  );
}

// Parts is what a self-test found, part by part.
function Parts({ parts }: { parts: Json[] }) {
  const { t } = useTranslation();
  return (
    <ul className="parts">
      {parts.map((p, i) => {
        const d = (typeof p === 'object' && p !== null && !Array.isArray(p) ? p : {}) as Doc;
        const ok = d.ok === true;
        const found = String(d.found ?? d.error ?? '');
        return (
          <li key={i} className={ok ? '' : 'hot'} title={found}>
            {ok ? <CheckIcon size={12} weight="bold" /> : <WarningIcon size={12} weight="fill" />} {known(t, 'cmd.part', String(d.part ?? ''))}
            {!ok && <small>{found}</small>}
          </li>
        );
      })}
    </ul>
  );
}

// flat takes one level out: the parts of a self-test read better side by side.
function flat(d: NonNullable<Command['result']>): NonNullable<Command['result']> {
  return Object.fromEntries(Object.entries(d).flatMap(([k, v]) => (v !== null && typeof v === 'object' && !Array.isArray(v) ? Object.entries(v) : [[k, v]])));
}
