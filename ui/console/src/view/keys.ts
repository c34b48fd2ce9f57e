import { useEffect, useRef } from 'react';
import { onCall } from '../desk/state';
import { useDesk, useEngine } from './context';
import type { Tab } from './Shell';

// shortcuts are those that the list shows. In a text field the ones with Alt still work.
export const shortcuts: { keys: string[]; what: string }[] = [
  { keys: ['Enter'], what: 'accept' },
  { keys: ['Esc'], what: 'decline' },
  { keys: ['Alt', 'M'], what: 'mute' },
  { keys: ['Alt', 'H'], what: 'hold' },
  { keys: ['Alt', 'X'], what: 'hangUp' },
  { keys: ['Alt', 'T'], what: 'text' },
  { keys: ['Alt', 'I'], what: 'contact' },
  { keys: ['Alt', 'B'], what: 'booking' },
  { keys: ['Alt', 'N'], what: 'wrap' },
  { keys: ['Ctrl', 'Enter'], what: 'finish' },
  { keys: ['Alt', 'Y'], what: 'history' },
  { keys: ['Alt', 'A'], what: 'available' },
  { keys: ['?'], what: 'help' },
];

// A key that was on its way when the call began to ring shall not answer it.
const tooSoon = 500;

interface Doing {
  act(f: () => Promise<unknown>): void;
  setTab(t: Tab): void;
  go(to: string): void;
  showHelp(): void;
  onHistory: boolean;
}

const typing = (e: KeyboardEvent): boolean =>
  e.target instanceof HTMLElement && (e.target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(e.target.tagName));

export function useKeys(doing: Doing): void {
  const desk = useEngine();
  const s = useDesk();
  const latest = useRef({ s, doing });
  useEffect(() => {
    latest.current = { s, doing };
  });
  useEffect(() => {
    const pressed = (e: KeyboardEvent): void => {
      if (e.repeat || e.isComposing || e.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;
      const { s, doing } = latest.current;
      const run = e.altKey && !e.ctrlKey && !e.metaKey ? alt(e.code) : plain(e);
      if (!run) return;
      e.preventDefault();
      run();

      function plain(e: KeyboardEvent): (() => void) | undefined {
        if (e.ctrlKey || e.metaKey) return undefined;
        if (s.offer && !typing(e)) {
          // A focused button takes its own Enter.
          if (Date.now() - s.offer.rangAt < tooSoon) return e.key === 'Enter' || e.key === 'Escape' ? () => undefined : undefined;
          if (e.key === 'Enter') return e.target instanceof HTMLButtonElement ? undefined : () => doing.act(() => desk.accept());
          if (e.key === 'Escape') return () => doing.act(() => desk.decline());
        }
        return e.key === '?' && !typing(e) ? doing.showHelp : undefined;
      }

      function alt(code: string): (() => void) | undefined {
        const call = onCall(s);
        const live = s.call?.state === 'talking' || s.call?.state === 'held';
        switch (code) {
          case 'KeyM':
            return call ? () => doing.act(() => desk.mute(!s.muted)) : undefined;
          case 'KeyH':
            return live ? () => doing.act(() => desk.hold(s.call?.state !== 'held')) : undefined;
          case 'KeyX':
            return call ? () => doing.act(() => desk.hangUp()) : undefined;
          case 'KeyT':
            return () => document.getElementById('say')?.focus();
          case 'KeyI':
            return s.contact ? () => doing.setTab('contact') : undefined;
          case 'KeyB':
            return s.contact ? () => doing.setTab('booking') : undefined;
          case 'KeyN':
            return s.contact ? () => doing.setTab('wrap') : undefined;
          case 'KeyY':
            return () => doing.go(doing.onHistory ? '' : 'history');
          case 'KeyA':
            if (s.state === 'available') return () => doing.act(() => desk.away('break'));
            return s.state === 'away' || s.state === 'offline' ? () => doing.act(() => desk.available()) : undefined;
          default:
            return undefined;
        }
      }
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [desk]);
}
