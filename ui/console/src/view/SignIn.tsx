import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import skyline from '../../../kiosk/art/skyline.svg';
import { type Session, signIn } from '../api/core';
import { ApiError } from '../api/http';
import { Brand } from './Brand';
import { useEngine, useSettings } from './context';
import { TranslateIcon } from './icons';

interface Props {
  done(s: Session): void;
  wrongRole?: string | undefined;
  unreachable?: boolean;
}

export function SignIn({ done, wrongRole, unreachable }: Props) {
  const { t } = useTranslation();
  const desk = useEngine();
  const settings = useSettings();
  return (
    <main className="signin">
      <img className="signin-skyline" src={skyline} alt="" />
      <div className="signin-card">
        <Brand whole />
        <h1>{t('signIn.title')}</h1>
        <p className="soft">{t('signIn.lead')}</p>
        <SignInForm
          done={done}
          says={wrongRole ? t('signIn.role') : unreachable ? t('signIn.unreachable') : ''}
        />
        <Button
          type="text"
          icon={<TranslateIcon size={18} />}
          onClick={() => desk.set({ lang: settings.lang === 'zh' ? 'en' : 'zh' })}
        >
          {t('language.other')}
        </Button>
      </div>
    </main>
  );
}

// SignInForm is also what covers the desk when a session ends in mid-call.
export function SignInForm({ done, says = '', user = '' }: { done(s: Session): void; says?: string; user?: string }) {
  const { t } = useTranslation();
  const desk = useEngine();
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (v: { user: string; password: string }): Promise<void> => {
    setBusy(true);
    setTrouble('');
    desk.sound.wake(); // the press that lets the desk ring later
    try {
      done(await signIn(v.user.trim(), v.password));
    } catch (e) {
      setTrouble(t(reason(e)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form layout="vertical" size="large" requiredMark={false} initialValues={{ user }} onFinish={(v) => void submit(v)}>
      <Form.Item name="user" label={t('signIn.user')} rules={[{ required: true, message: '' }]}>
        <Input autoComplete="username" autoFocus={!user} maxLength={128} spellCheck={false} />
      </Form.Item>
      <Form.Item name="password" label={t('signIn.password')} rules={[{ required: true, message: '' }]}>
        <Input.Password autoComplete="current-password" data-first maxLength={256} />
      </Form.Item>
      <p className="signin-trouble" role="alert">
        {trouble || says}
      </p>
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t('signIn.go')}
      </Button>
    </Form>
  );
}

function reason(e: unknown): string {
  if (!(e instanceof ApiError)) return 'error.unknown';
  switch (e.kind) {
    case 'unauthenticated':
      return 'signIn.wrong';
    case 'too_many':
      return 'signIn.locked';
    case 'unreachable':
      return 'signIn.unreachable';
    default:
      return 'error.unknown';
  }
}
