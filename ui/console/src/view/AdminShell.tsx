import { Button } from 'antd';
import { lazy, Suspense, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { signOut } from '../api/core';
import { Brand } from './Brand';
import { SayContext, useEngine, useSettings, useWhy } from './context';
import { SignOutIcon, TranslateIcon } from './icons';

const Staff = lazy(() => import('./Staff'));

// AdminShell is for who administers accounts and takes no calls: no softphone, no queue.
export function AdminShell({ user, leave }: { user: string; leave(): void }) {
  const { t } = useTranslation();
  const desk = useEngine();
  const settings = useSettings();
  const say = useContext(SayContext);
  const why = useWhy();
  const out = (): void =>
    void signOut()
      .then(leave)
      .catch((e: unknown) => say?.warning({ content: why(e), key: 'act' }));
  return (
    <div className="shell shell-plain">
      <header className="header">
        <h1>
          <Brand />
        </h1>
        <div className="header-right">
          <Button type="text" icon={<TranslateIcon size={20} />} onClick={() => desk.set({ lang: settings.lang === 'zh' ? 'en' : 'zh' })}>
            {t('language.other')}
          </Button>
          <Button type="text" icon={<SignOutIcon size={20} />} onClick={out}>
            {t('signIn.signOut')} · {user}
          </Button>
        </div>
      </header>
      <main className="main">
        <Suspense fallback={null}>
          <Staff me={user} />
        </Suspense>
      </main>
    </div>
  );
}
