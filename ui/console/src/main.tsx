import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, watcher } from './api/http';
import { Desk } from './desk/desk';
import { startWords } from './i18n';
import { Root } from './root';
import './styles.css';
import { DeskContext } from './view/context';

const desk = new Desk();
startWords(desk.settings.lang);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer; only what did not arrive is worth a second try.
      retry: (n, e) => n < 2 && e instanceof ApiError && (e.kind === 'unreachable' || e.kind === 'unavailable'),
      throwOnError: (e) => {
        if (e instanceof ApiError && e.kind === 'unauthenticated') watcher.signedOut?.();
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
        <DeskContext value={desk}>
          <Root />
        </DeskContext>
      </QueryClientProvider>
    </StrictMode>,
  );
}
