import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { onCall } from '../desk/state';
import { useDesk, useEngine } from './context';
import { ArrowsClockwiseIcon, MicrophoneSlashIcon, PhoneDisconnectIcon, WarningIcon, WifiSlashIcon } from './icons';
import { clock, hour, useNow } from './time';

// patience is how long a break may last before it is worth words: a reconnect is usually faster.
const patience = 1_200;

export function Banners() {
  const { t, i18n } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const now = useNow(s.downAt ? 500 : 0);
  const down = s.downAt > 0 && Math.max(now, Date.now()) - s.downAt > patience;
  const mic = s.mic === 'denied' || s.mic === 'missing' || s.mic === 'busy' || s.mic === 'insecure' ? s.mic : null;
  return (
    <div className="banners">
      {down && (
        <div className="banner banner-hot" role="alert">
          <WifiSlashIcon size={20} weight="bold" />
          <p>
            <strong>{t('link.down', { time: clock(now - s.downAt) })}</strong> {onCall(s) && t('link.downOnCall')}
          </p>
        </div>
      )}
      {!down && s.restartAt > 0 && (
        <div className="banner" role="status">
          <ArrowsClockwiseIcon size={20} />
          <p>
            <strong>{t(onCall(s) ? 'link.restartAfterCall' : 'link.restart')}</strong>{' '}
            {onCall(s) && t('link.restartBy', { time: hour(s.restartAt, i18n.language) })}
          </p>
        </div>
      )}
      {mic && (
        <div className="banner banner-hot" role="alert">
          <MicrophoneSlashIcon size={20} weight="bold" />
          <p>
            <strong>{t(`mic.title.${mic}`)}</strong> {t(`mic.help.${mic}`)} {onCall(s) && t('mic.stillHear')}
          </p>
          <Button size="small" onClick={() => void desk.phone.openMic(undefined, true)}>
            {t('mic.retry')}
          </Button>
        </div>
      )}
      {s.mic === 'asking' && (
        <div className="banner" role="status">
          <MicrophoneSlashIcon size={20} />
          <p>{t('mic.asking')}</p>
        </div>
      )}
      {s.soundBlocked && s.state !== 'offline' && (
        <div className="banner" role="status">
          <WarningIcon size={20} />
          <p>{t('sound.blocked')}</p>
        </div>
      )}
      {s.missed && (
        <div className="banner" role="status">
          <PhoneDisconnectIcon size={20} />
          <p>{t(`missed.${missedWhy(s.missed.why)}`, { booth: s.missed.contact.place || s.missed.contact.booth })}</p>
          <Button size="small" onClick={() => desk.seenMissed()}>
            {t('missed.close')}
          </Button>
        </div>
      )}
    </div>
  );
}

const missedWhy = (why: string): string => (['timeout', 'left', 'elsewhere', 'declined'].includes(why) ? why : 'elsewhere');
