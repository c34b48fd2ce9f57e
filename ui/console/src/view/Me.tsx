import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { awayReasons } from '../desk/protocol';
import { known } from '../i18n';
import { useAct, useDesk, useEngine } from './context';
import { CaretDownIcon, PauseIcon, PlayIcon } from './icons';
import { bigClock, useNow } from './time';

// Me is the agent's own state, since when, and the one button that matters now.
export function Me() {
  const { t } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const now = useNow();
  const [busy, act] = useAct();
  const free = s.state === 'available' || s.state === 'away' || s.state === 'offline';
  const held = s.state === 'busy' || s.state === 'wrap_up'; // what is asked for now is done after the contact
  const up = s.link === 'up';
  const rest = [
    ...awayReasons.map((r) => ({ key: r, label: t(`reason.${r}`), onClick: () => act(() => desk.away(r)) })),
    { type: 'divider' as const },
    { key: 'offline', label: t('state.goOffline'), onClick: () => act(() => desk.offline()) },
    ...(s.state === 'busy' && s.next ? [{ key: 'stay', label: t('state.stay'), onClick: () => act(() => desk.stay()) }] : []),
  ];
  return (
    <section className={`me me-${s.state}`} aria-label={t('state.own')}>
      <div className="me-row">
        <i className="dot" aria-hidden="true" />
        <strong aria-live="polite">{t(`state.${s.state}`)}</strong>
        <span className="me-reason">{s.state === 'away' ? known(t, 'reason', s.reason) : ''}</span>
        <time className="me-time">{s.since ? bigClock(now - s.since) : '--:--'}</time>
      </div>
      {s.state === 'available' || !free ? (
        <>
          <Dropdown trigger={['click']} disabled={!up || !(free || held)} menu={{ items: rest }}>
            <Button block loading={busy} disabled={!up || !(free || held)} icon={<PauseIcon size={16} weight="bold" />} title={free ? '' : t('state.locked')}>
              {t(held ? 'state.goAwayAfter' : 'state.goAway')} <CaretDownIcon size={12} />
            </Button>
          </Dropdown>
          {held && s.next && (
            <p className="me-next" role="status">
              {s.next === 'away' ? t('state.awayAfter', { reason: known(t, 'reason', s.nextReason) }) : t('state.offlineAfter')}
            </p>
          )}
        </>
      ) : (
        <div className="me-buttons">
          <Button
            type="primary"
            block
            loading={busy}
            disabled={!up}
            icon={<PlayIcon size={16} weight="fill" />}
            onClick={() => act(() => desk.available())}
          >
            {t('state.goAvailable')}
          </Button>
          {s.state === 'away' && (
            <Dropdown trigger={['click']} disabled={!up} menu={{ items: rest }}>
              <Button aria-label={t('state.change')} icon={<CaretDownIcon size={14} />} />
            </Dropdown>
          )}
        </div>
      )}
    </section>
  );
}
