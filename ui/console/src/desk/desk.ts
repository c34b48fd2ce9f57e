// The desk's engine: owns the state and everything that acts (socket, softphone, sound, attention). The screens read the state and call
// these methods; none of them touches a socket.

import { session as askSession } from '../api/core';
import { ApiError, watcher } from '../api/http';
import { Attention } from './attention';
import { Phone } from './phone';
import type { Disposition, FromCore, ToCore } from './protocol';
import { load, save, type Settings } from './settings';
import { Refused, Socket } from './socket';
import { Sound } from './sound';
import { type DeskEvent, type DeskState, initial, onCall, reduce, restored } from './state';

// Words that the engine shows outside of the page; the screens hand them over in the agent's language.
export interface Words {
  title(s: DeskState): string;
  ringTitle(s: DeskState): string;
  ringBody(s: DeskState): string;
}

export interface Draft {
  contact: string;
  choice: Disposition | '';
  note: string;
}

// address of the desk's socket. A page that has lost only its socket names the sound that it still has, and keeps it.
const address = (line: string): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/desk${line ? `?line=${encodeURIComponent(line)}` : ''}`;

export class Desk {
  private draft: Draft | null = null;
  private state: DeskState = initial;
  private listeners = new Set<() => void>();
  private words: Words | null = null;
  private kept: Settings = load();

  readonly sound = new Sound((blocked) => this.dispatch({ on: 'sound_blocked', blocked }));
  readonly attention = new Attention();
  readonly phone = new Phone(
    {
      mic: (mic) => this.dispatch({ on: 'mic', mic }),
      media: (media) => this.dispatch({ on: 'media', media }),
      answer: (sdp) => void this.ask({ t: 'rtc_answer', sdp }).catch(() => undefined),
      restart: () => this.ask({ t: 'rtc_restart' }),
      renew: () => {
        this.phone.hangUp();
        this.socket.again(); // the core offers a whole new line to a page that comes back without one
      },
    },
    () => this.sound.context(),
  );
  private readonly socket = new Socket(() => address(this.phone.held), {
    message: (m) => this.receive(m),
    link: (up) => {
      // Up is said by hello: until then the core has told us nothing.
      if (!up) this.dispatch({ on: 'link', link: this.state.link === 'elsewhere' ? 'elsewhere' : 'down', now: Date.now() });
    },
    mayReturn: () => this.mayReturn(),
  });

  constructor() {
    this.sound.volume = this.kept.volume;
    watcher.clock = (skew) => {
      if (Math.abs(skew - this.state.skew) > 1500) this.dispatch({ on: 'clock', skew });
    };
    watcher.signedOut = () => this.dispatch({ on: 'signed_out' });
  }

  // start connects; it returns what ends it all.
  start(): () => void {
    const wake = (): void => {
      this.sound.wake();
      this.phone.wake();
    };
    const leave = (e: BeforeUnloadEvent): void => {
      if (onCall(this.state)) e.preventDefault();
    };
    const watch = window.setInterval(() => this.heal(), 1_000);
    window.addEventListener('pointerdown', wake);
    window.addEventListener('keydown', wake);
    window.addEventListener('beforeunload', leave);
    this.dispatch({ on: 'link', link: 'connecting', now: Date.now() });
    this.socket.start();
    return () => {
      window.removeEventListener('pointerdown', wake);
      window.removeEventListener('keydown', wake);
      window.removeEventListener('beforeunload', leave);
      clearInterval(watch);
      this.socket.stop();
      this.sound.hush();
      this.attention.stop();
      this.phone.hangUp();
      this.phone.closeMic();
      this.state = { ...initial };
    };
  }

  readonly subscribe = (f: () => void): (() => void) => {
    this.listeners.add(f);
    return () => this.listeners.delete(f);
  };
  readonly snapshot = (): DeskState => this.state;

  speak(words: Words): void {
    this.words = words;
    this.attention.title(words.title(this.state));
  }

  get settings(): Settings {
    return this.kept;
  }

  set(change: Partial<Settings>): void {
    this.kept = { ...this.kept, ...change };
    save(this.kept);
    this.sound.volume = this.kept.volume;
    if (change.speaker !== undefined) void this.phone.useSpeaker(change.speaker).catch(() => undefined);
    if (change.microphone !== undefined) void this.phone.openMic(change.microphone, true);
    this.listeners.forEach((f) => f());
  }

  // What the agent does. Each promise ends when the core has said ok, or fails with why not.

  async available(): Promise<void> {
    this.attention.allow();
    void this.phone.openMic(this.kept.microphone);
    await this.ask({ t: 'set_state', state: 'available', reason: '' });
  }

  away(reason: string): Promise<void> {
    return this.ask({ t: 'set_state', state: 'away', reason });
  }

  offline(): Promise<void> {
    return this.ask({ t: 'set_state', state: 'offline', reason: '' });
  }

  // stay takes back what was asked for after the call.
  stay(): Promise<void> {
    return this.ask({ t: 'set_state', state: 'available', reason: '' });
  }

  async accept(): Promise<void> {
    const offer = this.state.offer;
    if (!offer) return;
    this.quiet();
    await this.sendLate();
    await this.ask({ t: 'accept', offer: offer.id });
  }

  async decline(): Promise<void> {
    const offer = this.state.offer;
    if (!offer) return;
    this.quiet();
    await this.ask({ t: 'decline', offer: offer.id });
  }

  async mute(on: boolean): Promise<void> {
    await this.phone.mute(on);
    this.dispatch({ on: 'muted', muted: on });
  }

  hold(on: boolean): Promise<void> {
    return this.ask({ t: 'hold', on });
  }

  hangUp(): Promise<void> {
    return this.ask({ t: 'hangup' });
  }

  async say(text: string): Promise<void> {
    const ref = this.socket.nextRef();
    this.dispatch({ on: 'typed', ref, text, now: Date.now() + this.state.skew });
    try {
      await this.ask({ t: 'text', text }, ref);
    } catch (e) {
      this.dispatch({ on: 'type_failed', ref });
      throw e;
    }
  }

  // resay sends again what had not gone out.
  resay(ref: string): Promise<void> {
    const failed = this.state.outbox.find((o) => o.ref === ref && o.state === 'failed');
    if (!failed) return Promise.resolve();
    this.dispatch({ on: 'type_again', ref });
    return this.say(failed.text);
  }

  async wrapUp(disposition: Disposition, note: string): Promise<void> {
    const contact = this.state.contact?.id ?? '';
    this.dispatch({ on: 'wrapping' });
    try {
      await this.ask({ t: 'wrap_up', disposition, note, contact });
    } catch (e) {
      // Somebody else has the contact now: there is nothing left to write here.
      this.dispatch({ on: this.state.late && e instanceof Refused && e.code === 'gone' ? 'wrapped' : 'wrap_failed' });
      throw e;
    }
    this.draft = null;
    this.dispatch({ on: 'wrapped' });
  }

  // noted is told what the agent has written so far: the next call must not wipe it out.
  noted(draft: Draft): void {
    this.draft = draft;
  }

  // sendLate sends what was written after the core's time for it. Its failure keeps nobody from answering.
  private async sendLate(): Promise<void> {
    const { late, contact } = this.state;
    const draft = this.draft;
    if (!late || !contact || draft?.contact !== contact.id || (!draft.choice && !draft.note)) return;
    await this.wrapUp(draft.choice || 'resolved', draft.note).catch(() => undefined);
  }

  seenMissed(): void {
    this.dispatch({ on: 'missed_seen' });
  }

  // signedIn goes on with a new session. A call that is up stays up: it hangs on its own connection.
  signedIn(): void {
    this.dispatch({ on: 'signed_in' });
    this.socket.again();
  }

  // takeOver brings the softphone here from another tab.
  takeOver(): void {
    this.dispatch({ on: 'link', link: 'connecting', now: Date.now() });
    this.socket.again();
  }

  private async ask(m: ToCore, ref?: string): Promise<void> {
    try {
      await this.socket.ask(m, ref);
    } catch (e) {
      if (e instanceof Refused && e.code === 'sign_in') this.dispatch({ on: 'signed_out' });
      throw e;
    }
  }

  private receive(m: FromCore): void {
    const again = restored(this.state, m, Date.now());
    this.dispatch({ on: 'core', message: m, now: Date.now() });
    if (again) void this.ask({ t: 'set_state', ...again }).catch(() => undefined); // the agent sees the state that it did not become
    switch (m.t) {
      case 'rtc_offer':
        void this.phone.take(m.sdp, m.line).catch(() => this.dispatch({ on: 'media', media: 'lost' }));
        break;
      case 'hello':
        if (m.state !== 'offline' && m.state !== 'away') void this.phone.openMic(this.kept.microphone);
        break;
      case 'text':
        if (m.who === 'citizen') this.sound.tick();
        break;
      default:
    }
  }

  private dispatch(e: DeskEvent): void {
    const before = this.state;
    this.state = reduce(before, e);
    if (this.state === before) return;
    this.react(before, this.state);
    this.listeners.forEach((f) => f());
  }

  // react does what follows from a change, whatever caused it.
  private react(before: DeskState, now: DeskState): void {
    if (now.offer?.id !== before.offer?.id) {
      if (now.offer) this.ring(now);
      else this.quiet();
    }
    if (onCall(before) && !onCall(now)) {
      this.phone.hangUp();
      this.sound.ended();
    }
    if (before.muted && !now.muted) void this.phone.mute(false);
    const idle = now.state === 'offline' || now.state === 'away';
    if (idle && before.state !== now.state) {
      this.phone.hangUp();
      this.phone.closeMic();
    }
    if (now.link === 'elsewhere' && before.link !== 'elsewhere') {
      this.phone.hangUp();
      this.phone.closeMic();
    }
    if (this.words) this.attention.title(this.words.title(now));
  }

  private ring(s: DeskState): void {
    // What the agent was typing must not answer the call.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.sound.ring(s.offer?.contact.kind === 'emergency');
    if (this.words) this.attention.call(this.words.ringTitle(s), this.words.ringBody(s));
  }

  private quiet(): void {
    this.sound.hush();
    this.attention.stop();
  }

  // heal asks for a new line when the call is up and the sound is not, as after a reload.
  private heal(): void {
    const s = this.state;
    const talking = s.call?.state === 'talking' || s.call?.state === 'held';
    if (s.link === 'up' && talking && !s.signIn && (s.media === 'lost' || !this.phone.alive)) this.phone.heal(Date.now());
  }

  private async mayReturn(): Promise<boolean> {
    if (this.state.link === 'elsewhere') return false;
    try {
      await askSession();
      return true;
    } catch (e) {
      if (e instanceof ApiError && e.kind === 'unauthenticated') {
        this.dispatch({ on: 'signed_out' });
        return false;
      }
      return true; // the core is away: try again
    }
  }
}
