import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Turn } from '../desk/protocol';
import { RobotIcon, UserIcon } from './icons';
import { hour } from './time';

// handoffAt puts the line between the bot's part and the agent's, ms; 0: no line.
export function Turns({ turns, handoffAt = 0, tail }: { turns: Turn[]; handoffAt?: number; tail?: ReactNode }) {
  const { t, i18n } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [newer, setNewer] = useState(false);
  const stick = useRef(true); // at the end, until the agent scrolls back to read
  const count = turns.length;
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    if (stick.current) el.scrollTop = el.scrollHeight;
    else setNewer(true);
  }, [count, tail]);
  const scrolled = (): void => {
    const el = box.current;
    if (!el) return;
    stick.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40;
    if (stick.current) setNewer(false);
  };
  const cut = handoffAt ? turns.findIndex((x) => x.at_ms >= handoffAt) : -1;
  const line = handoffAt ? (cut < 0 ? turns.length : cut) : -1;
  return (
    <div className="turns-box">
      <div ref={box} className="turns" role="log" aria-live="polite" aria-label={t('talk.title')} tabIndex={0} onScroll={scrolled}>
        {turns.map((x, i) => (
          <div key={`${x.at_ms}-${i}`}>
            {i === line && <Line at={handoffAt} lang={i18n.language} text={t('talk.handoff')} />}
            <div className={`turn turn-${x.who}`}>
              <span className="turn-who" aria-hidden="true">
                {x.who === 'bot' ? <RobotIcon size={18} /> : <UserIcon size={18} weight={x.who === 'agent' ? 'fill' : 'regular'} />}
              </span>
              <div>
                <p className="turn-head">
                  {t(`talk.${x.who === 'bot' || x.who === 'agent' ? x.who : 'citizen'}`)} {x.at_ms > 0 && <time>{hour(x.at_ms, i18n.language)}</time>}
                </p>
                <p className="turn-text">{x.text}</p>
              </div>
            </div>
          </div>
        ))}
        {line === turns.length && <Line at={handoffAt} lang={i18n.language} text={t('talk.handoff')} />}
        {tail}
      </div>
      {newer && (
        <button
          type="button"
          className="turns-newer"
          onClick={() => {
            stick.current = true;
            box.current?.scrollTo({ top: box.current.scrollHeight, behavior: 'smooth' });
          }}
        >
          {t('talk.newer')}
        </button>
      )}
    </div>
  );
}

export function Line({ at, lang, text }: { at: number; lang: string; text: string }) {
  return (
    <p className="turns-line">
      <span>
        {text} {at > 0 && <time>{hour(at, lang)}</time>}
      </span>
    </p>
  );
}
