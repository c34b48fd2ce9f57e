// All that the desk plays by itself, and the meters: one AudioContext, started by the first touch of the page.

type Tone = { hz: number; at: number; for: number; loud: number };

// A soft wooden chime, rising: heard across a room, never a shock. An emergency falls, twice as fast.
const chime: Tone[] = [
  { hz: 587.3, at: 0, for: 0.9, loud: 1 },
  { hz: 740, at: 0.16, for: 0.9, loud: 0.9 },
  { hz: 880, at: 0.32, for: 1.4, loud: 0.95 },
];
const alarm: Tone[] = [
  { hz: 988, at: 0, for: 0.35, loud: 1 },
  { hz: 740, at: 0.22, for: 0.35, loud: 1 },
  { hz: 988, at: 0.44, for: 0.35, loud: 1 },
  { hz: 740, at: 0.66, for: 0.5, loud: 1 },
];
const end: Tone[] = [
  { hz: 523.3, at: 0, for: 0.3, loud: 0.45 },
  { hz: 392, at: 0.15, for: 0.5, loud: 0.45 },
];
const tick: Tone[] = [{ hz: 1046.5, at: 0, for: 0.25, loud: 0.22 }];

const ringEvery = 2_400;
const alarmEvery = 1_400;

export class Sound {
  private ctx: AudioContext | null = null;
  private ringing = 0;
  private live: OscillatorNode[] = [];
  volume = 0.7; // 0 to 1

  constructor(private readonly blocked: (b: boolean) => void) {}

  // context is made late: before a touch of the page browsers keep it silent.
  context(): AudioContext {
    if (!this.ctx) {
      this.ctx = new AudioContext({ latencyHint: 'interactive' });
      this.ctx.onstatechange = () => this.blocked(this.ctx?.state === 'suspended');
      this.blocked(this.ctx.state === 'suspended');
    }
    return this.ctx;
  }

  wake(): void {
    const ctx = this.context();
    if (ctx.state === 'suspended') void ctx.resume().catch(() => undefined);
  }

  ring(urgent: boolean): void {
    this.hush();
    let n = 0;
    const once = (): void => this.play(urgent ? alarm : chime, Math.min(1, 0.55 + 0.15 * n++)); // begins gently
    once();
    this.ringing = window.setInterval(once, urgent ? alarmEvery : ringEvery);
  }

  hush(): void {
    clearInterval(this.ringing);
    this.ringing = 0;
    for (const o of this.live) o.stop();
    this.live = [];
  }

  sample(): void {
    this.wake();
    this.play(chime, 0.8);
  }

  ended(): void {
    this.play(end, 0.8);
  }

  tick(): void {
    this.play(tick, 0.8);
  }

  private play(tones: Tone[], loud: number): void {
    this.wake();
    const ctx = this.context();
    for (const t of tones) {
      const begin = ctx.currentTime + t.at + 0.01;
      for (const [partial, share] of [[1, 1], [2, 0.28], [3.9, 0.08]] as const) {
        const tone = ctx.createOscillator();
        const gain = ctx.createGain();
        tone.frequency.value = t.hz * partial;
        gain.gain.setValueAtTime(0.0001, begin);
        gain.gain.exponentialRampToValueAtTime(Math.max(0.0002, 0.35 * this.volume * loud * t.loud * share), begin + 0.012);
        gain.gain.exponentialRampToValueAtTime(0.0001, begin + t.for / partial ** 0.5);
        tone.connect(gain).connect(ctx.destination);
        tone.start(begin);
        tone.stop(begin + t.for + 0.05);
        tone.onended = () => {
          this.live = this.live.filter((x) => x !== tone);
        };
        this.live.push(tone);
      }
    }
  }
}
