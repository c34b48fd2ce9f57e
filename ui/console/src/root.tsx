import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ConfigProvider, message } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useEffect, useMemo, useState } from 'react';
import { session, type Session } from './api/core';
import { ApiError } from './api/http';
import { useLang } from './i18n';
import { look } from './theme';
import { AdminShell } from './view/AdminShell';
import { SayContext, useSettings } from './view/context';
import { Shell } from './view/Shell';
import { SignIn } from './view/SignIn';

// nonce of this page, from the core; antd's styles carry it, so the policy needs no unsafe-inline.
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce;

export function Root() {
  const settings = useSettings();
  useLang(settings.lang);
  const dark = useDark(settings.look);
  useEffect(() => {
    document.documentElement.dataset.look = dark ? 'dark' : 'light';
  }, [dark]);
  const [say, holder] = message.useMessage({ maxCount: 3, top: 72 });
  const theme = useMemo(() => look(dark), [dark]);
  return (
    <ConfigProvider
      theme={theme}
      locale={settings.lang === 'zh' ? zhCN : enUS}
      csp={nonce ? { nonce } : undefined}
      button={{ autoInsertSpace: false }}
    >
      <SayContext value={say}>
        {holder}
        <Gate />
      </SayContext>
    </ConfigProvider>
  );
}

// Gate shows the desk to agents, the accounts to administrators, and to everybody else the way to sign in.
function Gate() {
  const client = useQueryClient();
  const me = useQuery({ queryKey: ['session'], queryFn: whoAmI, staleTime: Infinity, retry: 3 });
  const enter = (s: Session | null): void => {
    client.setQueryData(['session'], s);
  };
  if (me.isPending) return <div className="page-wait" aria-busy="true" />;
  const mine = me.data;
  if (mine && takesCalls(mine)) return <Shell user={mine.user} administers={administers(mine)} leave={() => enter(null)} />;
  if (mine && administers(mine)) return <AdminShell user={mine.user} leave={() => enter(null)} />;
  return <SignIn done={enter} wrongRole={mine?.user} unreachable={me.isError} />;
}

const takesCalls = (s: Session): boolean => s.roles.some((r) => r === 'agent' || r === 'supervisor');

const administers = (s: Session): boolean => s.roles.includes('administrator');

async function whoAmI(): Promise<Session | null> {
  try {
    return await session();
  } catch (e) {
    if (e instanceof ApiError && e.kind === 'unauthenticated') return null;
    throw e;
  }
}

function useDark(wish: 'auto' | 'light' | 'dark'): boolean {
  const [system, set] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const m = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => set(m.matches);
    m.addEventListener('change', changed);
    return () => m.removeEventListener('change', changed);
  }, []);
  return wish === 'dark' || (wish === 'auto' && system);
}
