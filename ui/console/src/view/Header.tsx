import { Button, Dropdown, Popover, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { Brand } from './Brand';
import { useDesk, useEngine, useSettings } from './context';
import { Devices } from './Devices';
import { CaretDownIcon, ClockCounterClockwiseIcon, HeadsetIcon, KeyboardIcon, MoonIcon, PhoneCallIcon, SignOutIcon, SunIcon, TranslateIcon, UserIcon, UsersIcon } from './icons';

interface Props {
  user: string;
  administers: boolean;
  route: string;
  onCall: boolean;
  go(to: string): void;
  help(): void;
  signOut(): void;
}

export function Header({ user, administers, route, onCall, go, help, signOut }: Props) {
  const { t } = useTranslation();
  const desk = useEngine();
  const s = useDesk();
  const settings = useSettings();
  const dark = document.documentElement.dataset.look === 'dark';
  const history = route.startsWith('history');
  const staff = administers && route === 'staff';
  return (
    <header className="header">
      <h1>
        <Brand />
      </h1>
      <nav className="tabs">
        <button type="button" aria-current={history || staff ? undefined : 'page'} onClick={() => go('')}>
          <PhoneCallIcon size={18} weight={history || staff ? 'regular' : 'fill'} /> {t('desk')}
        </button>
        <button type="button" aria-current={history ? 'page' : undefined} onClick={() => go('history')}>
          <ClockCounterClockwiseIcon size={18} weight={history ? 'bold' : 'regular'} /> {t('history.title')}
        </button>
        {administers && (
          <button type="button" aria-current={staff ? 'page' : undefined} onClick={() => go('staff')}>
            <UsersIcon size={18} weight={staff ? 'fill' : 'regular'} /> {t('staff.title')}
          </button>
        )}
      </nav>
      <div className="header-right">
        <span className={`link link-${s.link}`} role="status">
          <i aria-hidden="true" />
          {s.link === 'up' ? t('link.up') : t('link.connecting')}
        </span>
        <Popover trigger="click" placement="bottomRight" content={<Devices />} title={t('devices.title')} destroyOnHidden>
          <Button type="text" aria-label={t('devices.title')} icon={<HeadsetIcon size={20} />} />
        </Popover>
        <Tooltip title={t('keys.open')}>
          <Button type="text" aria-label={t('keys.open')} icon={<KeyboardIcon size={20} />} onClick={help} />
        </Tooltip>
        <Tooltip title={t(dark ? 'look.light' : 'look.dark')}>
          <Button
            type="text"
            aria-label={t(dark ? 'look.light' : 'look.dark')}
            icon={dark ? <SunIcon size={20} /> : <MoonIcon size={20} />}
            onClick={() => desk.set({ look: dark ? 'light' : 'dark' })}
          />
        </Tooltip>
        <Button
          type="text"
          aria-label={`${t('language.switch')}: ${t('language.other')}`}
          icon={<TranslateIcon size={20} />}
          onClick={() => desk.set({ lang: settings.lang === 'zh' ? 'en' : 'zh' })}
        >
          {t('language.other')}
        </Button>
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              {
                key: 'out',
                icon: <SignOutIcon size={18} />,
                label: onCall ? t('signIn.signOutOnCall') : t('signIn.signOut'),
                disabled: onCall,
                onClick: signOut,
              },
            ],
          }}
        >
          <Button type="text" icon={<UserIcon size={20} />}>
            <span className="who">{user}</span> <CaretDownIcon size={12} />
          </Button>
        </Dropdown>
      </div>
    </header>
  );
}
