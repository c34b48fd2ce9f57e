// Reads the list page by page, to its end, so that scrolling never waits: ten thousand booths are a few megabytes.
import { ApiError } from '../../api/http';
import { booths as readPage } from '../api/fleet';
import type { Booths, Live } from '../api/wire';
import { type Filter, same } from './filter';
import { failed, nothing, type Rows, withNews, withPage } from './rows';

const firstPage = 100; // what fills the screen comes at once
const page = 500;
const most = 20_000; // beyond, a filter is the way

type Read = (f: Filter, cursor: string, limit: number, signal: AbortSignal) => Promise<Booths>;

export class Reader {
  private rows: Rows;
  private task: AbortController | null = null;
  private unseen: Live[] | null = null; // news while a reading is behind the screen
  private readonly watchers = new Set<() => void>();
  error: ApiError | null = null;

  constructor(
    filter: Filter,
    private readonly read: Read = readPage,
  ) {
    this.rows = nothing(filter);
  }

  readonly subscribe = (f: () => void): (() => void) => {
    this.watchers.add(f);
    return () => this.watchers.delete(f);
  };
  readonly snapshot = (): Rows => this.rows;

  // look reads for a filter. The old rows stay on the screen until the first page of the new ones is there.
  look(filter: Filter): void {
    if (this.task && same(filter, this.rows.filter)) return;
    this.become({ ...this.rows, filter, phase: 'loading' });
    void this.run(nothing(filter), true);
  }

  // again reads all anew behind what is shown, and shows it when it is whole.
  again(): void {
    void this.run(nothing(this.rows.filter), this.rows.phase !== 'whole');
  }

  // more goes on after a failure.
  more(): void {
    void this.run(this.rows.rows.length ? this.rows : nothing(this.rows.filter), true);
  }

  news(batch: Live[]): void {
    this.unseen?.push(...batch);
    this.become(withNews(this.rows, batch));
  }

  stop(): void {
    this.task?.abort();
    this.task = null;
  }

  private async run(from: Rows, show: boolean): Promise<void> {
    this.stop();
    const task = new AbortController();
    this.task = task;
    this.unseen = show ? null : [];
    let s = from;
    try {
      do {
        const limit = s.rows.length === 0 ? firstPage : page;
        const got = await this.read(s.filter, s.next, limit, task.signal);
        if (this.task !== task) return;
        // What the news changed since must not be lost with the page.
        s = withPage(show && this.rows.rows.length >= s.rows.length && s.rows.length > 0 ? this.rows : s, got);
        this.error = null;
        if (show) this.become(s);
      } while (s.next && s.rows.length < most);
      if (!show) this.become(withNews(s, this.unseen ?? []));
      this.unseen = null;
    } catch (e) {
      if (this.task !== task || task.signal.aborted) return;
      this.error = e instanceof ApiError ? e : new ApiError('unknown', 0);
      this.become(failed(this.rows));
    }
  }

  private become(s: Rows): void {
    if (s === this.rows) return;
    this.rows = s;
    for (const f of [...this.watchers]) f();
  }
}
