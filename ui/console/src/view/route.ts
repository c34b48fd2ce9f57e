import { useCallback, useSyncExternalStore } from 'react';

const base = '/desk/';

function subscribe(f: () => void): () => void {
  window.addEventListener('popstate', f);
  return () => window.removeEventListener('popstate', f);
}

// useRoute is what follows /desk/ in the address. Two screens need no router.
export function useRoute(): [string, (to: string) => void] {
  const route = useSyncExternalStore(subscribe, () => location.pathname.slice(base.length));
  const go = useCallback((to: string) => {
    if (location.pathname === base + to) return;
    history.pushState(null, '', base + to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, []);
  return [route, go];
}
