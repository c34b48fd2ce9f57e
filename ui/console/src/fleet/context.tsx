import type { MessageInstance } from 'antd/es/message/interface';
import { createContext, useCallback, useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/http';

// SayContext is where short words to the operator appear.
export const SayContext = createContext<MessageInstance | null>(null);

// MayContext is whether this account may act, or only look.
export const MayContext = createContext(false);
export const useMay = (): boolean => useContext(MayContext);

const byStatus: Record<number, string> = { 0: 'unreachable', 400: 'invalid', 401: 'unauthenticated', 403: 'denied', 404: 'not_found', 409: 'conflict', 422: 'invalid', 429: 'too_many' };

// useWhy puts a failure into the operator's words, with the field and the reason where the server names them.
export function useWhy(): (e: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (e: unknown) => {
      if (!(e instanceof ApiError)) return t('error.unknown');
      const key = byStatus[e.status] ?? (e.status >= 500 ? 'unavailable' : 'unknown');
      const words = t(`error.${key}`);
      const detail = [e.field, e.message !== e.kind ? e.message : ''].filter(Boolean).join(': ');
      return key === 'invalid' && detail ? `${words} ${detail}` : words;
    },
    [t],
  );
}

// useAct runs what the operator asked for, once at a time, and says what went wrong.
export function useAct(): [busy: boolean, act: (f: () => Promise<unknown>) => void] {
  const say = useContext(SayContext);
  const why = useWhy();
  const [busy, setBusy] = useState(false);
  const act = useCallback(
    (f: () => Promise<unknown>) => {
      setBusy(true);
      f()
        .catch((e: unknown) => void say?.warning({ content: why(e), key: 'act', duration: 6 }))
        .finally(() => setBusy(false));
    },
    [say, why],
  );
  return [busy, act];
}

export const useSay = (): MessageInstance | null => useContext(SayContext);
