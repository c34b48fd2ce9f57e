// One WebSocket to the core that comes back by itself. What the agent asks for carries a ref and is answered by ok or error.

import { type FromCore, parse, type ToCore } from './protocol';

export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface SocketEvents {
  message(m: FromCore): void;
  link(up: boolean): void;
  // closed asks whether to come back: a session that has ended or another tab that took over says no.
  mayReturn(): Promise<boolean>;
}

const firstPause = 300;
const maxPause = 5_000;
const patience = 8_000; // for an answer

interface Pending {
  resolve(): void;
  reject(e: Refused): void;
  timer: number;
}

export class Socket {
  private ws: WebSocket | null = null;
  private pending = new Map<string, Pending>();
  private pause = firstPause;
  private timer = 0;
  private refs = 0;
  private stopped = true;

  constructor(
    private readonly url: () => string, // asked at each opening
    private readonly on: SocketEvents,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    window.addEventListener('online', this.hurry);
    this.open();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.hurry);
    clearTimeout(this.timer);
    const ws = this.ws;
    this.ws = null;
    ws?.close(1000);
    this.failAll();
  }

  // again drops the connection and makes a new one at once, for instance with a new session.
  again(): void {
    this.stop();
    this.pause = firstPause;
    this.start();
  }

  nextRef(): string {
    return `d${++this.refs}`;
  }

  ask(m: ToCore, ref = this.nextRef()): Promise<void> {
    const ws = this.ws;
    if (!ws || ws.readyState !== WebSocket.OPEN) return Promise.reject(new Refused('offline', 'no connection'));
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => this.settle(ref, new Refused('timeout', 'no answer')), patience);
      this.pending.set(ref, { resolve, reject, timer });
      ws.send(JSON.stringify({ ...m, ref }));
    });
  }

  private readonly hurry = (): void => {
    if (this.ws || this.stopped) return;
    clearTimeout(this.timer);
    this.open();
  };

  private open(): void {
    const ws = new WebSocket(this.url());
    this.ws = ws;
    ws.onopen = () => {
      this.pause = firstPause;
      this.on.link(true);
    };
    ws.onmessage = (e) => {
      if (this.ws !== ws || typeof e.data !== 'string') return;
      const m = parse(e.data);
      if (!m) return;
      this.on.message(m);
      if (m.t === 'ok') this.settle(m.ref);
      if (m.t === 'error') this.settle(m.ref, new Refused(m.code, m.message));
    };
    ws.onclose = () => {
      if (this.ws !== ws) return;
      this.ws = null;
      this.failAll();
      if (this.stopped) return;
      this.on.link(false);
      void this.comeBack();
    };
  }

  private async comeBack(): Promise<void> {
    const may = await this.on.mayReturn();
    if (this.stopped || this.ws) return;
    if (!may) {
      this.stopped = true;
      return;
    }
    // Full jitter: a hundred desks must not return in the same instant.
    const wait = this.pause * (0.5 + Math.random() / 2);
    this.pause = Math.min(2 * this.pause, maxPause);
    this.timer = window.setTimeout(() => this.open(), wait);
  }

  private settle(ref: string, e?: Refused): void {
    const p = this.pending.get(ref);
    if (!p) return;
    this.pending.delete(ref);
    clearTimeout(p.timer);
    if (e) p.reject(e);
    else p.resolve();
  }

  private failAll(): void {
    for (const ref of [...this.pending.keys()]) this.settle(ref, new Refused('offline', 'the connection was lost'));
  }
}
