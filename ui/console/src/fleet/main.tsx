import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, watcher } from '../api/http';
import '../styles.css';
import './fleet.css';
import { setSkew } from './format';
import { prefs } from './prefs';
import { Root } from './root';
import { startWords } from './words';

startWords(prefs().lang);
watcher.clock = setSkew;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer; only what did not arrive is worth a second try.
      retry: (n, e) => n < 2 && e instanceof ApiError && (e.kind === 'unreachable' || e.status >= 500),
      staleTime: 5_000,
      throwOnError: (e) => {
        // The session has ended: the gate asks again and shows the way to sign in.
        if (e instanceof ApiError && e.status === 401) void queries.invalidateQueries({ queryKey: ['session'] });
        return false;
      },
    },
    mutations: { retry: false },
  },
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Root />
      </QueryClientProvider>
    </StrictMode>,
  );
}
