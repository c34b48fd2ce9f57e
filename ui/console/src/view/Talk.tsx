import { Button, Input } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { type Contact, maxText } from '../desk/protocol';
import { conversation, type DeskState } from '../desk/state';
import { useDesk, useEngine, useWhy } from './context';
import { PaperPlaneRightIcon, UserIcon } from './icons';
import { Line, Turns } from './Turns';

// Talk is one timeline: what the citizen said to the assistant, then what was typed at either end.
export function Talk({ contact }: { contact: Contact }) {
  const { t, i18n } = useTranslation();
  const s = useDesk();
  const texts = s.texts[contact.id];
  const turns = useMemo(() => conversation(contact, texts), [contact, texts]);
  const handoffAt = contact.queued_ms || contact.answered_ms;
  const tail = <Tail s={s} contact={contact} lang={i18n.language} />;
  return (
    <section className="card talk" aria-label={t('talk.title')}>
      {turns.length === 0 && s.outbox.length === 0 && <p className="soft talk-empty">{t('talk.empty')}</p>}
      <Turns turns={turns} handoffAt={handoffAt} tail={tail} />
      <Composer s={s} contact={contact} />
    </section>
  );
}

function Tail({ s, contact, lang }: { s: DeskState; contact: Contact; lang: string }) {
  const { t } = useTranslation();
  const desk = useEngine();
  const mine = s.outbox.filter((o) => o.contact === contact.id);
  return (
    <>
      {mine.map((o) => (
        <div key={o.ref} className={`turn turn-agent turn-${o.state}`}>
          <span className="turn-who" aria-hidden="true">
            <UserIcon size={18} weight="fill" />
          </span>
          <div>
            <p className="turn-head">
              {t('talk.agent')} <span>{o.state === 'sending' ? t('talk.sending') : o.state === 'failed' ? t('talk.failed') : ''}</span>
              {o.state === 'failed' && (
                <Button type="link" size="small" onClick={() => void desk.resay(o.ref).catch(() => undefined)}>
                  {t('talk.resend')}
                </Button>
              )}
            </p>
            <p className="turn-text">{o.text}</p>
          </div>
        </div>
      ))}
      {s.call?.state === 'ended' && <Line at={s.call.endedAt + s.skew} lang={lang} text={t('talk.ended')} />}
    </>
  );
}

function Composer({ s, contact }: { s: DeskState; contact: Contact }) {
  const { t } = useTranslation();
  const desk = useEngine();
  const why = useWhy();
  const box = useRef<TextAreaRef>(null);
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState('');
  const live = s.call?.contact === contact.id && (s.call.state === 'talking' || s.call.state === 'held');
  const ended = s.call?.state === 'ended';
  const send = (): void => {
    const words = text.trim();
    if (!words || !live) return;
    setText('');
    setTrouble('');
    desk.say(words).catch((e: unknown) => setTrouble(why(e)));
    box.current?.focus();
  };
  const pressed = (e: KeyboardEvent): void => {
    // Enter that chooses a pinyin candidate is not ours.
    if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing) return;
    e.preventDefault();
    send();
  };
  return (
    <div className="composer">
      <Input.TextArea
        ref={box}
        id="say"
        aria-label={t('keys.text')}
        value={text}
        rows={2}
        maxLength={maxText}
        disabled={!live}
        placeholder={t(live ? 'talk.placeholder' : ended ? 'talk.over' : 'talk.waiting')}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={pressed}
      />
      <Button type="primary" icon={<PaperPlaneRightIcon size={18} weight="fill" />} disabled={!live || !text.trim()} onClick={send}>
        {t('talk.send')}
      </Button>
      {trouble && (
        <p className="composer-trouble" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}
