import { useTranslation } from 'react-i18next';
import skyline from '../../../kiosk/art/skyline.svg';
import { useDesk, useEngine } from './context';
import { Button } from 'antd';
import { Offer } from './Offer';
import type { Tab } from './Shell';
import { ShortcutList } from './Shortcuts';
import { Side } from './Side';
import { Talk } from './Talk';

export function Stage({ tab, setTab }: { tab: Tab; setTab(t: Tab): void }) {
  const s = useDesk();
  if (s.offer) return <Offer offer={s.offer} />;
  if (!s.contact) return <Idle />;
  return (
    <div className="stage">
      <Talk contact={s.contact} />
      <Side contact={s.contact} tab={tab} setTab={setTab} />
    </div>
  );
}

// Idle is what an agent sees most of the day: calm, and it says what will happen.
function Idle() {
  const { t } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const state = s.state === 'away' || s.state === 'offline' ? s.state : 'available';
  const told = s.state === 'away' && (s.reason === 'no answer' || s.reason === 'no audio') ? t(`idle.reason.${s.reason}`) : '';
  return (
    <div className="card idle">
      <img className="idle-skyline" src={skyline} alt="" />
      <div className="idle-words">
        <h2 className="big">{t(`idle.${state}`)}</h2>
        <p className="soft">{told || t(`idle.${state}Lead`)}</p>
        <Button onClick={() => desk.sound.sample()}>{t('idle.test')}</Button>
      </div>
      <div className="idle-keys">
        <h2>{t('keys.title')}</h2>
        <ShortcutList />
      </div>
    </div>
  );
}
