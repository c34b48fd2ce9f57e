import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer as Ringing } from '../desk/state';
import { known, languageName } from '../i18n';
import { useAct, useDesk, useEngine } from './context';
import { MapPinIcon, PhoneIcon, SirenIcon } from './icons';
import { Keys } from './Shortcuts';
import { SlotList } from './Slots';
import { clock, useNow } from './time';
import { Turns } from './Turns';

const round = 2 * Math.PI * 34;

// Offer says who it is before the agent answers.
export function Offer({ offer }: { offer: Ringing }) {
  const { t, i18n } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const now = useNow(200);
  const [busy, act] = useAct();
  const [answered, setAnswered] = useState(false);
  const box = useRef<HTMLElement>(null);
  const c = offer.contact;
  const left = Math.max(0, offer.endsAt - now);
  const share = left / Math.max(1, offer.endsAt - offer.rangAt);
  const urgent = c.kind === 'emergency';
  useEffect(() => box.current?.focus({ preventScroll: true }), [offer.id]); // a screen reader begins here; Enter on it answers
  return (
    <section ref={box} tabIndex={-1} className={`card offer${urgent ? ' offer-urgent' : ''}`} aria-labelledby="offer-title">
      <header className="offer-head">
        <div className="offer-count" role="timer" aria-label={t('offer.left', { n: Math.ceil(left / 1000) })}>
          <svg viewBox="0 0 80 80" aria-hidden="true">
            <circle cx="40" cy="40" r="34" />
            <circle className="offer-left" cx="40" cy="40" r="34" strokeDasharray={round} strokeDashoffset={round * (1 - share)} />
          </svg>
          <b>{Math.ceil(left / 1000)}</b>
        </div>
        <div>
          <p className="offer-kind" role="alert">
            {urgent && <SirenIcon size={20} weight="fill" />}
            {t(urgent ? 'offer.emergency' : c.kind === 'callback' ? 'offer.callback' : 'offer.title')}
          </p>
          <h2 className="big" id="offer-title">{t('offer.speaks', { lang: languageName(c.lang, i18n.language) })}</h2>
          <p className="offer-place">
            <MapPinIcon size={18} weight="fill" />
            <span>
              {c.place || c.booth} {c.place && <span className="soft">· {c.booth}</span>}
            </span>
          </p>
        </div>
        <dl className="offer-facts">
          <div>
            <dt>{t('contact.task')}</dt>
            <dd>{known(t, 'task', c.task) || t('contact.noTask')}</dd>
          </div>
          <div>
            <dt>{t('contact.reason')}</dt>
            <dd>{known(t, 'contact.whyReason', c.reason) || '–'}</dd>
          </div>
          <div>
            <dt>{t('contact.waited')}</dt>
            <dd>{c.queued_ms ? clock(now + s.skew - c.queued_ms) : '–'}</dd>
          </div>
        </dl>
      </header>
      <div className="offer-body">
        <div className="offer-talk">
          <h2>{t('offer.heard')}</h2>
          {c.turns.length ? <Turns turns={c.turns} /> : <p className="soft">{t('offer.silent')}</p>}
        </div>
        <div className="offer-knows">
          <h2>{t('offer.knows')}</h2>
          <SlotList slots={c.slots} />
        </div>
      </div>
      <footer className="offer-buttons">
        <Button size="large" disabled={busy} onClick={() => act(() => desk.decline())}>
          {t('offer.decline')} <Keys keys={['Esc']} />
        </Button>
        <Button
          type="primary"
          size="large"
          className="answer"
          loading={answered && busy}
          icon={<PhoneIcon size={22} weight="fill" />}
          onClick={() => {
            setAnswered(true);
            act(() => desk.accept());
          }}
        >
          {t(c.kind === 'callback' ? 'offer.callBack' : 'offer.accept')} <Keys keys={['Enter']} />
        </Button>
      </footer>
    </section>
  );
}
