import { Button } from 'antd';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { DeskState } from '../desk/state';
import { onCall } from '../desk/state';
import { known } from '../i18n';
import { useAct, useDesk, useEngine } from './context';
import { MicrophoneIcon, MicrophoneSlashIcon, PauseIcon, PhoneDisconnectIcon, PhoneIcon, PhoneIncomingIcon, PlayIcon } from './icons';
import { Meter } from './Meter';
import { Keys } from './Shortcuts';
import { bigClock, useNow } from './time';

// PhoneBar is always there and always the same size: a hand finds its buttons without looking.
export function PhoneBar() {
  const { t } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const now = useNow(s.call || s.offer ? 250 : 0);
  const [busy, act] = useAct();
  const call = s.call;
  const live = call?.state === 'talking' || call?.state === 'held';
  const held = call?.state === 'held';
  const up = s.link === 'up';
  return (
    <section className={`phone phone-${tone(s)}`} aria-label={t('call.talking')}>
      <div className="phone-mark" aria-hidden="true">
        {s.offer ? <PhoneIncomingIcon size={26} weight="fill" /> : <PhoneIcon size={26} weight="fill" />}
      </div>
      <time className="phone-time">{timer(s, now)}</time>
      <div className="phone-words" role="status">
        <strong>{headline(s, t)}</strong>
        <span className={s.muted || s.media === 'lost' ? 'hot' : ''}>{detail(s, now, t)}</span>
      </div>
      <div className="phone-meters">
        <Meter whose="mine" on={s.mic === 'ready'} />
        <Meter whose="theirs" on={live} />
      </div>
      <div className="phone-buttons">
        <Button
          className={s.muted ? 'on' : ''}
          aria-pressed={s.muted}
          disabled={!onCall(s)}
          icon={s.muted ? <MicrophoneSlashIcon size={20} weight="fill" /> : <MicrophoneIcon size={20} />}
          onClick={() => act(() => desk.mute(!s.muted))}
        >
          <span>{t(s.muted ? 'call.unmute' : 'call.mute')}</span>
          <Keys keys={['Alt', 'M']} />
        </Button>
        <Button
          className={held ? 'on' : ''}
          aria-pressed={held}
          disabled={!live || !up || busy}
          icon={held ? <PlayIcon size={20} weight="fill" /> : <PauseIcon size={20} weight="bold" />}
          onClick={() => act(() => desk.hold(!held))}
        >
          <span>{t(held ? 'call.resume' : 'call.hold')}</span>
          <Keys keys={['Alt', 'H']} />
        </Button>
        <Button
          className="hangup"
          disabled={!onCall(s) || !up}
          icon={<PhoneDisconnectIcon size={22} weight="fill" />}
          onClick={() => act(() => desk.hangUp())}
        >
          <span>{t('call.hangUp')}</span>
          <Keys keys={['Alt', 'X']} />
        </Button>
      </div>
    </section>
  );
}

function tone(s: DeskState): string {
  if (s.offer) return 'ringing';
  return s.call?.state ?? 'idle';
}

function timer(s: DeskState, now: number): string {
  if (!s.call?.startedAt) return '00:00';
  return bigClock((s.call.endedAt || Math.max(now, s.call.startedAt)) - s.call.startedAt);
}

function headline(s: DeskState, t: TFunction): string {
  if (s.offer) return t(s.offer.contact.kind === 'emergency' ? 'offer.emergency' : 'call.ringing');
  if (!s.call) return t('call.idle');
  if (s.call.state === 'connecting' && s.contact?.kind === 'callback') return t('call.calling');
  return t(`call.${s.call.state}`);
}

function detail(s: DeskState, now: number, t: TFunction): string {
  const place = s.offer?.contact.place || s.offer?.contact.booth || s.contact?.place || s.contact?.booth || '';
  if (s.offer) return place;
  if (!s.call) return t(s.mic === 'ready' ? 'mic.ready' : 'mic.unknown');
  if (s.call.state === 'ended') return known(t, 'call.cause', s.call.cause);
  if (s.muted) return t('call.muted');
  if (s.media === 'lost') return t('call.lost');
  if (s.call.state === 'held') return bigClock(now - s.call.heldAt);
  return place;
}
