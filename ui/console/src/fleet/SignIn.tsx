import { Button, Form, Input } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import skyline from '../../../kiosk/art/skyline.svg';
import { type Session, signIn } from '../api/core';
import { ApiError } from '../api/http';
import { TranslateIcon } from '../view/icons';
import { Brand } from './parts/Brand';
import { setPrefs, usePrefs } from './prefs';

function Front({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const p = usePrefs();
  return (
    <main className="signin">
      <img className="signin-skyline" src={skyline} alt="" />
      <div className="signin-card">
        <Brand whole />
        {children}
        <Button type="text" icon={<TranslateIcon size={18} />} onClick={() => setPrefs({ lang: p.lang === 'zh' ? 'en' : 'zh' })}>
          {t('language.other')}
        </Button>
      </div>
    </main>
  );
}

export function SignIn({ done, unreachable }: { done(s: Session): void; unreachable: boolean }) {
  const { t } = useTranslation();
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (v: { user: string; password: string }): Promise<void> => {
    setBusy(true);
    setTrouble('');
    try {
      done(await signIn(v.user.trim(), v.password));
    } catch (e) {
      setTrouble(t(reason(e)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Front>
      <h1>{t('signIn.title')}</h1>
      <p className="soft">{t('signIn.lead')}</p>
      <Form layout="vertical" size="large" requiredMark={false} onFinish={(v: { user: string; password: string }) => void submit(v)}>
        <Form.Item name="user" label={t('signIn.user')} rules={[{ required: true, message: '' }]}>
          <Input autoComplete="username" autoFocus maxLength={128} spellCheck={false} />
        </Form.Item>
        <Form.Item name="password" label={t('signIn.password')} rules={[{ required: true, message: '' }]}>
          <Input.Password autoComplete="current-password" maxLength={256} />
        </Form.Item>
        <p className="signin-trouble" role="alert">
          {trouble || (unreachable ? t('signIn.unreachable') : '')}
        </p>
        <Button type="primary" htmlType="submit" block loading={busy}>
          {t('signIn.go')}
        </Button>
      </Form>
    </Front>
  );
}

export function NotForYou({ user, agent, leave }: { user: string; agent: boolean; leave(): void }) {
  const { t } = useTranslation();
  return (
    <Front>
      <h1>{t('notForYou.title')}</h1>
      <p className="soft">{t('notForYou.lead', { user })}</p>
      <div className="not-for-you">
        {agent && (
          <Button type="primary" size="large" href="/desk/">
            {t('notForYou.desk')}
          </Button>
        )}
        <Button size="large" type={agent ? 'default' : 'primary'} onClick={leave}>
          {t('notForYou.other')}
        </Button>
      </div>
    </Front>
  );
}

function reason(e: unknown): string {
  if (!(e instanceof ApiError)) return 'error.unknown';
  if (e.status === 401) return 'signIn.wrong';
  if (e.status === 429) return 'signIn.locked';
  return e.status === 0 ? 'signIn.unreachable' : 'error.unavailable';
}
