import { Button } from 'antd';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signOut } from '../api/core';
import { onCall } from '../desk/state';
import { languageName } from '../i18n';
import { Banners } from './Banners';
import { useAct, useDesk, useEngine } from './context';
import { Dialog } from './Dialog';
import { Header } from './Header';
import { useKeys } from './keys';
import { Me } from './Me';
import { PhoneBar } from './PhoneBar';
import { QueuePanel } from './QueuePanel';
import { useRoute } from './route';
import { Shortcuts } from './Shortcuts';
import { SignInForm } from './SignIn';
import { Stage } from './Stage';

const History = lazy(() => import('./History'));
const Staff = lazy(() => import('./Staff'));

export type Tab = 'contact' | 'booking' | 'wrap';

export function Shell({ user, administers, leave }: { user: string; administers: boolean; leave(): void }) {
  const { t, i18n } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const [, act] = useAct();
  const [route, go] = useRoute();
  const [tab, setTab] = useState<Tab>('contact');
  const [help, setHelp] = useState(false);

  useEffect(() => desk.start(), [desk]);
  useEffect(
    () =>
      desk.speak({
        title: (x) => `${t(`state.${x.state}`)} · ${t('brand')}${t('desk')}`,
        ringTitle: (x) => `${t('offer.title')} · ${x.offer?.contact.place || x.offer?.contact.booth || ''}`,
        ringBody: (x) => t('offer.speaks', { lang: languageName(x.offer?.contact.lang ?? '', i18n.language) }),
      }),
    [desk, t, i18n.language],
  );
  // Who rings is never hidden behind the history or the list of keys.
  const offer = s.offer?.id;
  useEffect(() => {
    if (!offer) return;
    setHelp(false);
    go('');
  }, [offer, go]);
  useEffect(() => {
    if (s.late) return; // the agent is still writing
    setTab(s.state === 'wrap_up' ? 'wrap' : 'contact');
  }, [s.state, s.contact?.id, s.late]);

  const cut = s.late && s.call?.cause === 'lost'; // by a restart of the core: what is left is the note
  useEffect(() => {
    if (cut) setTab('wrap');
  }, [cut]);

  const showHelp = useCallback(() => setHelp(true), []);
  useKeys({ act, setTab, go, showHelp, onHistory: route.startsWith('history') });

  const out = (): void =>
    act(async () => {
      await signOut();
      leave();
    });

  if (s.link === 'elsewhere') return <Elsewhere />;
  return (
    <div className="shell">
      <Header user={s.agent?.name ?? user} administers={administers} route={route} go={go} help={showHelp} signOut={out} onCall={onCall(s)} />
      <Banners />
      <div className="body">
        <aside className="left" aria-label={t('state.own')}>
          <Me />
          <QueuePanel />
        </aside>
        <main className="main">
          <PhoneBar />
          {administers && route === 'staff' ? (
            <Suspense fallback={<div className="stage-empty" aria-busy="true" />}>
              <Staff me={user} />
            </Suspense>
          ) : route.startsWith('history') ? (
            <Suspense fallback={<div className="stage-empty" aria-busy="true" />}>
              <History id={route.slice('history/'.length)} go={go} />
            </Suspense>
          ) : (
            <Stage tab={tab} setTab={setTab} />
          )}
        </main>
      </div>
      <Shortcuts open={help} close={() => setHelp(false)} />
      <Dialog open={s.signIn} title={t('signIn.again')}>
        <p className="soft">{t('signIn.againLead')}</p>
        <SignInForm user={user} done={() => desk.signedIn()} />
      </Dialog>
    </div>
  );
}

function Elsewhere() {
  const { t } = useTranslation();
  const desk = useEngine();
  return (
    <main className="signin">
      <div className="signin-card">
        <h1>{t('link.elsewhere')}</h1>
        <p className="soft">{t('link.elsewhereLead')}</p>
        <Button type="primary" size="large" onClick={() => desk.takeOver()}>
          {t('link.takeOver')}
        </Button>
      </div>
    </main>
  );
}
