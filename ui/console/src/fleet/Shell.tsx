import { Button, Dropdown, Tooltip } from 'antd';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLink } from './api/live';
import { useMay } from './context';
import { CaretDownIcon, HeadsetIcon, ListBulletsIcon, MapTrifoldIcon, MoonIcon, PlugsConnectedIcon, ScrollIcon, SignOutIcon, SunIcon, TranslateIcon, UserIcon, WifiSlashIcon } from './icons';
import { List } from './list/List';
import { Brand } from './parts/Brand';
import { Failure } from './parts/Empty';
import { setPrefs, usePrefs } from './prefs';
import { type Route, useLinkTo, useRoute } from './route';

// The list is what an operator opens; everything else comes when it is wanted.
const Booth = lazy(() => import('./booth/Booth'));
const FleetMap = lazy(() => import('./map/FleetMap'));
const Claim = lazy(() => import('./claim/Claim'));
const Audit = lazy(() => import('./audit/Audit'));

interface Props {
  user: string;
  agent: boolean;
  leave(): void;
}

export function Shell({ user, agent, leave }: Props) {
  const { t } = useTranslation();
  const route = useRoute();
  const top = route.parts[0] ?? '';
  useEffect(() => {
    document.title = `${t('fleet')} · ${t('brand')}`;
  }, [t, route]);
  return (
    <div className="fleet">
      <header className="header">
        <h1>
          <Brand />
        </h1>
        <nav className="tabs">
          <Tab to="" here={top === '' || top === 'booths'} icon={ListBulletsIcon} label={t('nav.booths')} />
          <Tab to="map" here={top === 'map'} icon={MapTrifoldIcon} label={t('nav.map')} />
          <Tab to="claim" here={top === 'claim'} icon={PlugsConnectedIcon} label={t('nav.claim')} />
          <Tab to="audit" here={top === 'audit'} icon={ScrollIcon} label={t('nav.audit')} />
        </nav>
        <Right user={user} agent={agent} leave={leave} />
      </header>
      <Cut />
      <main className="fleet-main">
        <Suspense fallback={<div className="page-wait" aria-busy="true" />}>
          <Screen route={route} />
        </Suspense>
      </main>
    </div>
  );
}

function Screen({ route }: { route: Route }) {
  const { t } = useTranslation();
  const [top = '', id, tab] = route.parts;
  switch (top) {
    case '':
      return <List search={route.search} />;
    case 'booths':
      return id ? <Booth key={id} id={id} tab={tab ?? ''} search={route.search} /> : <List search={route.search} />;
    case 'map':
      return <FleetMap search={route.search} />;
    case 'claim':
      return <Claim code={route.search.get('code') ?? ''} />;
    case 'audit':
      return <Audit search={route.search} />;
    default:
      return <Failure title={t('nav.lost')} lead={t('nav.lostLead')} />;
  }
}

// Cut says that what is shown is no longer how things are, once that has lasted longer than a blink.
function Cut() {
  const { t } = useTranslation();
  const down = useLink() === 'down';
  const [said, say] = useState(false);
  useEffect(() => {
    if (!down) return say(false);
    const timer = setTimeout(() => say(true), 2_000);
    return () => clearTimeout(timer);
  }, [down]);
  return said ? (
    <p className="cut" role="alert">
      <WifiSlashIcon size={16} /> {t('live.downLead')}
    </p>
  ) : null;
}

function Tab({ to, here, icon: Icon, label }: { to: string; here: boolean; icon: typeof SunIcon; label: string }) {
  return (
    <a {...useLinkTo(to)} aria-current={here ? 'page' : undefined}>
      <Icon size={18} weight={here ? 'fill' : 'regular'} /> {label}
    </a>
  );
}

function Right({ user, agent, leave }: Props) {
  const { t } = useTranslation();
  const p = usePrefs();
  const link = useLink();
  const may = useMay();
  const dark = document.documentElement.dataset.look === 'dark';
  return (
    <div className="header-right">
      <Tooltip title={t(`live.${link}Lead`)}>
        <span className={`link link-${link}`} role="status">
          <i aria-hidden="true" />
          {t(`live.${link}`)}
        </span>
      </Tooltip>
      {!may && (
        <Tooltip title={t('may.lead')}>
          <span className="chip chip-quiet">{t('may.read')}</span>
        </Tooltip>
      )}
      {agent && (
        <Button type="text" href="/desk/" icon={<HeadsetIcon size={19} />}>
          {t('nav.desk')}
        </Button>
      )}
      <Tooltip title={t(dark ? 'look.light' : 'look.dark')}>
        <Button type="text" aria-label={t(dark ? 'look.light' : 'look.dark')} icon={dark ? <SunIcon size={19} /> : <MoonIcon size={19} />} onClick={() => setPrefs({ look: dark ? 'light' : 'dark' })} />
      </Tooltip>
      <Button type="text" aria-label={`${t('language.switch')}: ${t('language.other')}`} icon={<TranslateIcon size={19} />} onClick={() => setPrefs({ lang: p.lang === 'zh' ? 'en' : 'zh' })}>
        {t('language.other')}
      </Button>
      <Dropdown trigger={['click']} menu={{ items: [{ key: 'out', icon: <SignOutIcon size={18} />, label: t('signIn.signOut'), onClick: leave }] }}>
        <Button type="text" icon={<UserIcon size={19} />}>
          <span className="who">{user}</span> <CaretDownIcon size={12} />
        </Button>
      </Dropdown>
    </div>
  );
}
