import type { MessageInstance } from 'antd/es/message/interface';
import { createContext, useCallback, useContext, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/http';
import type { Desk } from '../desk/desk';
import type { Settings } from '../desk/settings';
import { Refused } from '../desk/socket';
import type { DeskState } from '../desk/state';

export const DeskContext = createContext<Desk | null>(null);

// SayContext is where short words to the agent appear.
export const SayContext = createContext<MessageInstance | null>(null);

export function useEngine(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('no desk around');
  return desk;
}

export function useDesk(): DeskState {
  const desk = useEngine();
  return useSyncExternalStore(desk.subscribe, desk.snapshot);
}

export function useSettings(): Settings {
  const desk = useEngine();
  return useSyncExternalStore(desk.subscribe, () => desk.settings);
}

// useWhy puts a failure into the agent's words.
export function useWhy(): (e: unknown) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (e: unknown) => {
      const code = e instanceof Refused ? e.code : e instanceof ApiError ? e.kind : 'unknown';
      const key = `error.${code}`;
      return t(i18n.exists(key) ? key : 'error.unknown', { left: e instanceof ApiError ? e.left : 0 });
    },
    [t, i18n],
  );
}

const signedOut = (e: unknown): boolean => e instanceof Refused && e.code === 'sign_in';

// useAct runs what the agent asked for, once at a time, and says what went wrong.
export function useAct(): [busy: boolean, act: (f: () => Promise<unknown>) => void] {
  const say = useContext(SayContext);
  const why = useWhy();
  const [busy, setBusy] = useState(false);
  const act = useCallback(
    (f: () => Promise<unknown>) => {
      setBusy(true);
      f()
        .catch((e: unknown) => {
          if (signedOut(e)) return; // the way to sign in comes up by itself
          void say?.warning({ content: why(e), key: 'act' });
        })
        .finally(() => setBusy(false));
    },
    [say, why],
  );
  return [busy, act];
}
