import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveNews } from './live';
import type { Live } from './wire';

// Source stands for the browser's EventSource.
class Source {
  static all: Source[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    Source.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(n: Live): void {
    this.onmessage?.({ data: JSON.stringify(n) });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('window', globalThis);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const gone = (Booth: string): Live => ({ gone: { Tenant: 'default', Booth } });

test('those who want the same share a line, and it ends with the last of them', () => {
  const live = new LiveNews();
  const heard: Live[][] = [];
  const one = live.listen('', { news: (b) => heard.push(b) });
  const two = live.listen('', { news: () => undefined });
  live.listen('dev', { news: () => undefined });
  expect(Source.all.map((s) => s.url)).toEqual(['/api/v1/fleet/live', '/api/v1/fleet/live?booth=dev']);
  Source.all[0]?.say(gone('a'));
  Source.all[0]?.say(gone('b'));
  Source.all[0]?.onmessage?.({ data: 'no JSON' });
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(300);
  expect(heard).toEqual([[gone('a'), gone('b')]]);
  one();
  expect(Source.all[0]?.closed).toBe(false);
  two();
  expect(Source.all[0]?.closed).toBe(true);
});

test('a line that was lost comes back by itself and says so', () => {
  const live = new LiveNews();
  const back = vi.fn();
  live.listen('', { news: () => undefined, back });
  expect(live.state()).toBe('connecting');
  Source.all[0]?.onopen?.();
  expect(live.state()).toBe('up');
  expect(back).not.toHaveBeenCalled();
  Source.all[0]?.onerror?.();
  expect(live.state()).toBe('down');
  vi.advanceTimersByTime(10_000);
  expect(Source.all).toHaveLength(2);
  Source.all[1]?.onopen?.();
  expect(live.state()).toBe('up');
  expect(back).toHaveBeenCalledOnce();
});
