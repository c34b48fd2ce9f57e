import { Button, Input } from 'antd';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { type Contact, type Disposition, dispositions, maxText } from '../desk/protocol';
import { useAct, useDesk, useEngine } from './context';
import { Keys } from './Shortcuts';
import { clock, useNow } from './time';

// WrapUp: the note may be written while the call runs; the outcome is asked for when it is over.
export function WrapUp({ contact, shown }: { contact: Contact; shown: boolean }) {
  const { t } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const [busy, act] = useAct();
  const [choice, setChoice] = useState<Disposition | ''>('');
  const [note, setNote] = useState(contact.note);
  const [asked, setAsked] = useState(false);
  const over = s.state === 'wrap_up' || s.late;
  const now = useNow(over ? 1000 : 0);
  useEffect(() => desk.noted({ contact: contact.id, choice, note: note.trim() }), [desk, contact.id, choice, note]);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (over && shown) first.current?.focus();
  }, [over, shown]);
  const finish = (rest: boolean): void => {
    if (!over || busy) return;
    if (!choice) {
      setAsked(true);
      first.current?.focus();
      return;
    }
    act(async () => {
      await desk.wrapUp(choice, note.trim());
      if (rest) await desk.away('break');
    });
  };
  const pressed = (e: KeyboardEvent): void => {
    if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
    e.preventDefault();
    finish(false);
  };
  return (
    <div className="wrap" onKeyDown={pressed}>
      <fieldset disabled={!over} aria-describedby="wrap-trouble">
        <legend>{t('wrap.disposition')}</legend>
        {dispositions.map((d, i) => (
          <label key={d} className={`wrap-choice${choice === d ? ' chosen' : ''}`}>
            <input
              ref={i === 0 ? first : undefined}
              type="radio"
              name="disposition"
              value={d}
              checked={choice === d}
              onChange={() => {
                setChoice(d);
                setAsked(false);
              }}
            />
            <strong>{t(`wrap.what.${d}`)}</strong>
            <small>{t(`wrap.hint.${d}`)}</small>
          </label>
        ))}
      </fieldset>
      <label className="wrap-note">
        <span>{t('wrap.note')}</span>
        <Input.TextArea
          value={note}
          maxLength={maxText}
          rows={4}
          placeholder={t('wrap.notePlaceholder')}
          onChange={(e) => setNote(e.target.value)}
        />
      </label>
      <p id="wrap-trouble" className={asked ? 'hot' : 'soft small'} role={asked ? 'alert' : undefined}>
        {asked ? t('wrap.choose') : s.late ? t('wrap.late') : over ? t('wrap.elapsed', { time: clock(now - s.since) }) : t('wrap.draft')}
      </p>
      <div className="wrap-buttons">
        <Button disabled={!over || s.link !== 'up'} onClick={() => finish(true)}>
          {t('wrap.doneAway')}
        </Button>
        <Button type="primary" loading={busy} disabled={!over || s.link !== 'up'} onClick={() => finish(false)}>
          {t('wrap.done')} <Keys keys={['Ctrl', 'Enter']} />
        </Button>
      </div>
    </div>
  );
}
