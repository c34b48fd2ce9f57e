import { type MouseEvent, useCallback, useMemo, useSyncExternalStore } from 'react';

const base = '/fleet/';

function subscribe(f: () => void): () => void {
  window.addEventListener('popstate', f);
  return () => window.removeEventListener('popstate', f);
}

const read = (): string => location.pathname.slice(base.length) + location.search;

export type Go = (to: string, replace?: boolean) => void;

export const href = (to: string): string => base + to;

export function go(to: string, replace = false): void {
  if (read() === to) return;
  if (replace) history.replaceState(history.state, '', base + to);
  else history.pushState(null, '', base + to);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

export interface Route {
  parts: string[]; // of the path below /fleet/
  search: URLSearchParams;
}

// useRoute is what follows /fleet/ in the address.
export function useRoute(): Route {
  const at = useSyncExternalStore(subscribe, read);
  return useMemo(() => {
    const [path = '', search = ''] = at.split('?', 2);
    return { parts: path.split('/').filter(Boolean).map(decode), search: new URLSearchParams(search) };
  }, [at]);
}

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

// useLink makes a real link that does not load the page anew; with a modifier the browser does what it always does.
export function useLinkTo(to: string): { href: string; onClick(e: MouseEvent): void } {
  const onClick = useCallback(
    (e: MouseEvent) => {
      if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
      e.preventDefault();
      go(to);
    },
    [to],
  );
  return { href: href(to), onClick };
}
