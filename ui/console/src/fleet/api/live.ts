// News of the fleet over server-sent events. One connection serves everybody on the page who wants the same; when it comes back after a
// loss its listeners are told, since what happened meanwhile has to be read anew.
import { type RefObject, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { liveURL } from './fleet';
import type { Live } from './wire';

export type LinkState = 'connecting' | 'up' | 'down';

export interface Listener {
  news(batch: Live[]): void;
  back?(): void;
}

// News is handed on in batches: two thousand booths that come back at once must not draw the page two thousand times.
const beat = 250;
const firstPause = 500;
const maxPause = 8_000;

class Line {
  state: LinkState = 'connecting';
  private readonly listeners = new Set<Listener>();
  private source: EventSource | null = null;
  private batch: Live[] = [];
  private timer = 0;
  private retry = 0;
  private pause = firstPause;
  private lost = false;

  constructor(
    private readonly url: string,
    private readonly changed: () => void,
  ) {}

  add(l: Listener): void {
    this.listeners.add(l);
    if (!this.source && !this.retry) this.open();
  }

  // remove reports whether nobody is left.
  remove(l: Listener): boolean {
    this.listeners.delete(l);
    if (this.listeners.size > 0) return false;
    this.close();
    return true;
  }

  private open(): void {
    this.retry = 0;
    const s = new EventSource(this.url);
    this.source = s;
    s.onopen = () => {
      this.pause = firstPause;
      this.become('up');
      if (this.lost) for (const l of [...this.listeners]) l.back?.();
      this.lost = false;
    };
    s.onmessage = (e: MessageEvent<unknown>) => this.take(e.data);
    s.onerror = () => {
      // The browser's own retry gives up on the first answer that is not 200; ours does not.
      s.close();
      if (this.source !== s) return;
      this.source = null;
      this.lost = true;
      this.become('down');
      this.retry = window.setTimeout(() => this.open(), this.pause * (0.5 + Math.random() / 2));
      this.pause = Math.min(2 * this.pause, maxPause);
    };
  }

  private take(data: unknown): void {
    if (typeof data !== 'string') return;
    try {
      this.batch.push(JSON.parse(data) as Live);
    } catch {
      return;
    }
    this.timer ||= window.setTimeout(() => this.hand(), beat);
  }

  private hand(): void {
    const batch = this.batch;
    this.batch = [];
    this.timer = 0;
    for (const l of [...this.listeners]) l.news(batch);
  }

  private become(s: LinkState): void {
    this.state = s;
    this.changed();
  }

  private close(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.timer);
    clearTimeout(this.retry);
    this.timer = this.retry = 0;
    this.batch = [];
    this.lost = false;
  }
}

export class LiveNews {
  private readonly lines = new Map<string, Line>();
  private readonly watchers = new Set<() => void>();

  listen(booth: string, l: Listener): () => void {
    const url = liveURL(booth);
    let line = this.lines.get(url);
    if (!line) {
      line = new Line(url, () => this.tell());
      this.lines.set(url, line);
    }
    line.add(l);
    return () => {
      if (line.remove(l)) this.lines.delete(url);
    };
  }

  readonly subscribe = (f: () => void): (() => void) => {
    this.watchers.add(f);
    return () => this.watchers.delete(f);
  };

  // state is that of the worst line; without one nothing is missing.
  readonly state = (): LinkState => {
    const all = [...this.lines.values()].map((l) => l.state);
    return all.includes('down') ? 'down' : all.includes('connecting') ? 'connecting' : 'up';
  };

  private tell(): void {
    for (const f of [...this.watchers]) f();
  }
}

export const live = new LiveNews();

export const useLink = (): LinkState => useSyncExternalStore(live.subscribe, live.state);

// useLive listens while the screen is there. The listener may be new at every drawing: the newest is called.
export function useLive(booth: string | null, l: Listener): void {
  const box = useLatest(l);
  useEffect(() => {
    if (booth === null) return;
    return live.listen(booth, { news: (b) => box.current.news(b), back: () => box.current.back?.() });
  }, [booth, box]);
}

function useLatest<T>(value: T): RefObject<T> {
  const box = useRef(value);
  useLayoutEffect(() => {
    box.current = value;
  });
  return box;
}
