// What this browser remembers for the operator: the same settings as at the desk, so that both look alike.
import { useSyncExternalStore } from 'react';
import { load, save, type Settings } from '../desk/settings';

let settings = load();
const watchers = new Set<() => void>();

export function setPrefs(some: Partial<Settings>): void {
  settings = { ...settings, ...some };
  save(settings);
  for (const f of [...watchers]) f();
}

const subscribe = (f: () => void): (() => void) => {
  watchers.add(f);
  return () => watchers.delete(f);
};

export const prefs = (): Settings => settings;
export const usePrefs = (): Settings => useSyncExternalStore(subscribe, prefs);
