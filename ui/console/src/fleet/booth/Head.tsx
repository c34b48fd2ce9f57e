import { useQueryClient } from '@tanstack/react-query';
import { Button, Dropdown, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Booth, Standing } from '../api/wire';
import { useMay } from '../context';
import { ago, placeOf, span, useNow, when } from '../format';
import { ArrowLeftIcon, CaretDownIcon, PencilSimpleIcon, UserIcon } from '../icons';
import { Mark } from '../parts/Presence';
import { useLinkTo } from '../route';
import { districtName } from '../words';
import { Edit } from './Edit';
import { StandingSheet } from './StandingSheet';

const day = 86_400_000;
const skewLimit = 120_000; // beyond, the fleet marks the booth
const soon = 30; // days a certificate may have left without a word

export function Head({ booth: b }: { booth: Booth }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const lang = i18n.language;
  const odd = b.standing !== 'in_service';
  const back = useLinkTo('');
  return (
    <header className="head">
      <a {...back} className="head-back" aria-label={t('nav.back')} title={t('nav.back')}>
        <ArrowLeftIcon size={20} />
      </a>
      <div className="head-name">
        <h2 className="big">{b.name || b.id}</h2>
        <p className="soft">
          <code>{b.id}</code>
          {[b.district && districtName(t, b.district), placeOf(b, lang), b.group].filter(Boolean).join(' · ')}
        </p>
      </div>
      <div className={`head-state state-${odd ? b.standing : b.presence}`}>
        <Mark presence={b.presence} standing={b.standing} size={22} />
        <div>
          <strong>{t(odd ? `standing.${b.standing}` : `presence.${b.presence}`)}</strong>
          <small>{b.since_ms > 0 ? span(now - b.since_ms, lang) : ''}</small>
        </div>
        {b.visit && !odd && b.presence === 'online' && (
          <span className="lamp" title={t('booth.visitNow')}>
            <UserIcon size={13} weight="fill" /> {t('list.inUse')}
          </span>
        )}
      </div>
      <dl className="head-facts">
        <Fact label={t('booth.lastSeen')} value={b.last_seen_ms ? ago(now - b.last_seen_ms, lang) : t('list.never')} title={when(b.last_seen_ms, lang)} />
        <Fact label={t('booth.fw')} value={b.fw || '–'} title={b.board} />
        <Skew ms={b.skew_ms} known={b.epoch > 0} />
        <Cert at={b.cert_expires_ms} now={now} />
      </dl>
      <Actions booth={b} />
      {(odd || b.note) && (
        <p className={`head-note ${odd ? 'hot' : ''}`}>
          {odd && (
            <>
              <strong>{t(`standingAct.${b.standing as 'quarantined' | 'retired'}`)}</strong> {b.reason ? t('standingAct.why', { reason: b.reason }) : t('standingAct.noWhy')}
            </>
          )}
          {odd && b.note && ' · '}
          {b.note && `${t('booth.note')}: ${b.note}`}
        </p>
      )}
    </header>
  );
}

function Fact({ label, value, title, hot = false }: { label: string; value: string; title?: string; hot?: boolean }) {
  return (
    <div title={title}>
      <dt>{label}</dt>
      <dd className={hot ? 'hot' : ''}>{value}</dd>
    </div>
  );
}

function Skew({ ms, known: said }: { ms: number; known: boolean }) {
  const { t, i18n } = useTranslation();
  const much = Math.abs(ms) > skewLimit;
  const time = span(Math.abs(ms), i18n.language);
  const value = !said ? '–' : Math.abs(ms) < 1000 ? t('booth.skewOk') : t(ms > 0 ? 'booth.skewFast' : 'booth.skewSlow', { time });
  return <Fact label={t('booth.skew')} value={value} hot={much} title={`${ms} ms`} />;
}

function Cert({ at, now }: { at: number; now: number }) {
  const { t, i18n } = useTranslation();
  const days = Math.floor((at - now) / day);
  const value = !at ? '–' : days < 0 ? t('booth.certOver') : days < soon ? t('booth.certSoon', { n: days }) : when(at, i18n.language, 'date');
  return <Fact label={t('booth.cert')} value={value} hot={at > 0 && days < soon} title={when(at, i18n.language)} />;
}

function Actions({ booth: b }: { booth: Booth }) {
  const { t } = useTranslation();
  const may = useMay();
  const client = useQueryClient();
  const [edit, setEdit] = useState(false);
  const [wish, setWish] = useState<Standing | null>(null);
  const done = (n: Booth): void => {
    client.setQueryData(['booth', b.id], n);
    void client.invalidateQueries({ queryKey: ['audit'] });
    setEdit(false);
    setWish(null);
  };
  if (!may) return <span />;
  const items = [
    b.standing === 'in_service' && { key: 'quarantined', label: `${t('standingAct.quarantine')}…` },
    b.standing === 'quarantined' && { key: 'in_service', label: `${t('standingAct.release')}…` },
    b.standing !== 'retired' && { key: 'retired', label: `${t('standingAct.retire')}…`, danger: true },
  ].filter((x) => x !== false);
  return (
    <div className="head-actions">
      <Tooltip title={t('booth.edit')}>
        <Button aria-label={t('booth.edit')} icon={<PencilSimpleIcon size={16} />} onClick={() => setEdit(true)} />
      </Tooltip>
      {items.length > 0 && (
        <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => setWish(key as Standing) }}>
          <Button>
            {t('booth.more')} <CaretDownIcon size={12} />
          </Button>
        </Dropdown>
      )}
      <Edit booth={b} open={edit} close={() => setEdit(false)} done={done} />
      <StandingSheet booth={b} wish={wish} close={() => setWish(null)} done={done} />
    </div>
  );
}
