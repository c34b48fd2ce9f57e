// The softphone: one peer connection that the core offers and this page answers, one microphone, one loudspeaker, two meters.

import type { Media, Mic } from './state';

export interface PhoneEvents {
  mic(m: Mic): void;
  media(m: Media): void;
  answer(sdp: string): void;
  restart(): Promise<void>; // the way is lost: ask for an offer that finds another
  renew(): void; // the line itself is gone: ask for a new one
}

const gatherTime = 1_500;
const lostTime = 2_000; // a short dip heals by itself
const healEvery = 4_000;
const maxRestarts = 2;

export class Phone {
  private pc: RTCPeerConnection | null = null;
  private line = ''; // the core's name for it
  private stream: MediaStream | null = null;
  private opening: Promise<void> | null = null;
  private muted = false;
  private lost = 0;
  private healedAt = 0;
  private restarts = 0;
  private readonly ear = new Audio();
  private mine: AnalyserNode | null = null;
  private theirs: AnalyserNode | null = null;
  private mineFrom: MediaStreamAudioSourceNode | null = null;
  private theirsFrom: MediaStreamAudioSourceNode | null = null;
  private microphone = '';

  constructor(
    private readonly on: PhoneEvents,
    private readonly context: () => AudioContext,
  ) {
    this.ear.autoplay = true;
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      if (this.stream && !this.track()) void this.openMic(this.microphone, true); // the headset was pulled out, or came back
    });
  }

  // openMic is called when the agent goes available, so that trouble shows before a citizen waits for it.
  openMic(device = this.microphone, again = false): Promise<void> {
    if (!again && this.track() && device === this.microphone) return Promise.resolve();
    this.opening ??= this.ask(device).finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  private async ask(device: string): Promise<void> {
    if (!navigator.mediaDevices?.getUserMedia) return this.on.mic('insecure'); // no https and no localhost
    this.on.mic('asking');
    const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    if (device) audio.deviceId = { ideal: device };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.release();
      this.stream = stream;
      this.microphone = device;
      const track = this.track();
      if (track) track.onended = () => this.on.mic('missing');
      this.meterMine(stream);
      await this.plug();
      this.on.mic('ready');
    } catch (e) {
      this.on.mic(trouble(e));
    }
  }

  // closeMic lets go of the microphone: the browser's red dot goes out while the agent is away.
  closeMic(): void {
    this.release();
    this.on.mic('unknown');
  }

  private release(): void {
    this.mineFrom?.disconnect();
    this.mineFrom = null;
    for (const t of this.stream?.getTracks() ?? []) {
      t.onended = null;
      t.stop();
    }
    this.stream = null;
  }

  private track(): MediaStreamTrack | null {
    return this.stream?.getAudioTracks().find((t) => t.readyState === 'live') ?? null;
  }

  // take answers an offer. One from the same far end renews the connection that there is (ICE restart); any other begins a new one.
  async take(sdp: string, line: string): Promise<void> {
    if (!this.pc || fingerprint(this.pc.remoteDescription?.sdp ?? '') !== fingerprint(sdp)) this.renew();
    const pc = this.pc;
    if (!pc) return;
    this.line = line;
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await this.openMic(); // denied or not: the agent shall at least hear
    const voice = pc.getTransceivers().find((t) => t.receiver.track.kind === 'audio');
    if (voice) voice.direction = 'sendrecv';
    await this.plug();
    await pc.setLocalDescription(await pc.createAnswer());
    await gathered(pc);
    if (pc === this.pc && pc.localDescription) this.on.answer(pc.localDescription.sdp);
  }

  private renew(): void {
    this.hangUp();
    const pc = new RTCPeerConnection();
    this.pc = pc;
    this.on.media('connecting');
    pc.ontrack = (e) => this.listen(e.streams[0] ?? new MediaStream([e.track]));
    pc.onconnectionstatechange = () => {
      if (pc === this.pc) this.changed(pc.connectionState);
    };
  }

  private changed(state: RTCPeerConnectionState): void {
    clearTimeout(this.lost);
    switch (state) {
      case 'connected':
        this.restarts = 0;
        this.on.media('connected');
        break;
      case 'disconnected':
        this.lost = window.setTimeout(() => this.on.media('lost'), lostTime);
        break;
      case 'failed':
      case 'closed':
        this.on.media('lost');
        break;
      default:
    }
  }

  get alive(): boolean {
    return this.pc !== null && ['new', 'connecting', 'connected'].includes(this.pc.connectionState);
  }

  // held names the line whose sound flows: a socket that was lost comes back with it, and the call never notices.
  get held(): string {
    return this.pc?.connectionState === 'connected' ? this.line : '';
  }

  // heal is called every second while the call is up and the sound is not. A lost way is tried again first; without a line that could be
  // saved, or when the core will not, a new one is needed.
  heal(now: number): void {
    if (now - this.healedAt < healEvery) return;
    this.healedAt = now;
    if (this.pc && this.pc.connectionState !== 'closed' && this.restarts++ < maxRestarts) {
      this.on.restart().catch(() => this.on.renew());
      return;
    }
    this.restarts = 0;
    this.on.renew();
  }

  async mute(on: boolean): Promise<void> {
    this.muted = on;
    await this.plug();
  }

  // plug joins microphone and line. Muted means that nothing at all leaves this machine.
  private async plug(): Promise<void> {
    const voice = this.pc?.getTransceivers().find((t) => t.receiver.track.kind === 'audio');
    await voice?.sender.replaceTrack(this.muted ? null : this.track());
  }

  private listen(stream: MediaStream): void {
    this.ear.srcObject = stream;
    void this.ear.play().catch(() => undefined); // the first touch of the page lets it play: wake()
    this.theirsFrom?.disconnect();
    this.theirsFrom = this.context().createMediaStreamSource(stream);
    this.theirs ??= analyser(this.context());
    this.theirsFrom.connect(this.theirs);
  }

  private meterMine(stream: MediaStream): void {
    this.mineFrom = this.context().createMediaStreamSource(stream);
    this.mine ??= analyser(this.context());
    this.mineFrom.connect(this.mine);
  }

  // wake starts what the browser had kept silent.
  wake(): void {
    if (this.ear.srcObject && this.ear.paused) void this.ear.play().catch(() => undefined);
  }

  hangUp(): void {
    clearTimeout(this.lost);
    this.theirsFrom?.disconnect();
    this.theirsFrom = null;
    this.ear.srcObject = null;
    const pc = this.pc;
    this.pc = null;
    this.line = '';
    pc?.close();
    this.on.media('none');
  }

  async useSpeaker(device: string): Promise<void> {
    await this.ear.setSinkId?.(device);
  }

  // levels of this microphone and of the citizen, 0 to 1 over 60 dB.
  levels(): { mine: number; theirs: number } {
    return { mine: this.muted ? 0 : level(this.mine), theirs: this.pc ? level(this.theirs) : 0 };
  }
}

function analyser(ctx: AudioContext): AnalyserNode {
  const a = ctx.createAnalyser();
  a.fftSize = 1024;
  return a;
}

const samples = new Float32Array(1024);

function level(a: AnalyserNode | null): number {
  if (!a) return 0;
  a.getFloatTimeDomainData(samples);
  let sum = 0;
  for (const x of samples) sum += x * x;
  const db = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.max(0, Math.min(1, (db + 60) / 60));
}

export function trouble(e: unknown): Mic {
  const name = e instanceof Error || e instanceof DOMException ? e.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'missing';
  }
}

export const fingerprint = (sdp: string): string => /^a=fingerprint:(.+)$/m.exec(sdp)?.[1]?.trim() ?? '';

// gathered waits for the candidates: the answer goes in one piece. Those that come late are not worth a silent line.
function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      pc.removeEventListener('icegatheringstatechange', check);
      resolve();
    };
    const check = (): void => {
      if (pc.iceGatheringState === 'complete') done();
    };
    const timer = window.setTimeout(done, gatherTime);
    pc.addEventListener('icegatheringstatechange', check);
  });
}
