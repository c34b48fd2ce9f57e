import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ConfigProvider, message } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useEffect, useMemo, useState } from 'react';
import { session, type Session, signOut } from '../api/core';
import { ApiError } from '../api/http';
import { look } from '../theme';
import { MayContext, SayContext } from './context';
import { usePrefs } from './prefs';
import { Shell } from './Shell';
import { NotForYou, SignIn } from './SignIn';
import { useLang } from './words';

// nonce of this page, from the core; antd's styles carry it, so the policy needs no unsafe-inline.
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce;

export function Root() {
  const p = usePrefs();
  useLang(p.lang);
  const dark = useDark(p.look);
  useEffect(() => {
    document.documentElement.dataset.look = dark ? 'dark' : 'light';
  }, [dark]);
  const [say, holder] = message.useMessage({ maxCount: 3, top: 64 });
  const theme = useMemo(() => dense(dark), [dark]);
  return (
    <ConfigProvider theme={theme} locale={p.lang === 'zh' ? zhCN : enUS} csp={nonce ? { nonce } : undefined} button={{ autoInsertSpace: false }}>
      <SayContext value={say}>
        {holder}
        <Gate />
      </SayContext>
    </ConfigProvider>
  );
}

// The desk's controls are for one call at a time; an operator has a hundred rows before them.
function dense(dark: boolean): ReturnType<typeof look> {
  const t = look(dark);
  return { ...t, token: { ...t.token, controlHeight: 32, borderRadius: 8, fontSize: 14 } };
}

function Gate() {
  const client = useQueryClient();
  const me = useQuery({ queryKey: ['session'], queryFn: whoAmI, staleTime: Infinity, retry: 3 });
  const enter = (s: Session | null): void => {
    client.setQueryData(['session'], s);
    if (s) void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'session' });
  };
  const leave = (): void => {
    void signOut()
      .catch(() => undefined)
      .finally(() => {
        enter(null);
        client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'session' });
      });
  };
  if (me.isPending) return <div className="page-wait" aria-busy="true" />;
  const mine = me.data;
  if (!mine) return <SignIn done={enter} unreachable={me.isError} />;
  const acts = mine.roles.some((r) => r === 'operator' || r === 'administrator');
  if (!acts && !mine.roles.includes('supervisor')) return <NotForYou user={mine.user} agent={mine.roles.includes('agent')} leave={leave} />;
  return (
    <MayContext value={acts}>
      <Shell user={mine.user} agent={mine.roles.some((r) => r === 'agent' || r === 'supervisor')} leave={leave} />
    </MayContext>
  );
}

async function whoAmI(): Promise<Session | null> {
  try {
    return await session();
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) return null;
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
