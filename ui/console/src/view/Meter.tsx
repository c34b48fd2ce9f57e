import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useEngine } from './context';

const bars = 14;
const every = 60; // ms between two looks: a meter is no oscilloscope

// Meter shows a level without a render of React: it writes how many bars are lit.
export function Meter({ whose, on }: { whose: 'mine' | 'theirs'; on: boolean }) {
  const { t } = useTranslation();
  const desk = useEngine();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    let shown = 0;
    let last = -1;
    const draw = (): void => {
      const level = on ? desk.phone.levels()[whose] : 0;
      shown = level > shown ? level : shown * 0.82; // falls slower than it rises
      const lit = Math.round(shown * bars);
      if (lit === last) return;
      last = lit;
      el.style.setProperty('--lit', String(lit));
      el.setAttribute('aria-valuenow', String(Math.round((100 * lit) / bars)));
    };
    draw();
    if (!on) return;
    const timer = setInterval(draw, every);
    return () => clearInterval(timer);
  }, [desk, whose, on]);
  const who = t(whose === 'mine' ? 'call.you' : 'call.citizen');
  return (
    <div className="meter">
      <span>{who}</span>
      <div ref={box} className="meter-bars" role="meter" aria-label={t('call.level', { who })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0} />
    </div>
  );
}
