// The visitor's ear and microphone, over WebRTC with boothd.

import { send } from "./booth.js";

const page = crypto.randomUUID?.() ?? String(Math.random()); // one peer a page

/** Sound connects, connects again when it breaks, and reports levels in dBFS. */
export class Sound {
  #audio;
  #peer;
  #sender;
  #mic;
  #timer;
  #wanted = false;

  /** onMeter({ear, mic}), onState("on" | "locked" | "off" | "full") */
  constructor(audio, onMeter, onState) {
    this.#audio = audio;
    this.onMeter = onMeter;
    this.onState = onState;
    addEventListener("pagehide", () => this.stop());
    addEventListener("pageshow", (e) => e.persisted && this.start());
  }

  /** start connects; calling it again connects anew. */
  async start() {
    this.#wanted = true;
    clearTimeout(this.#timer);
    this.#peer?.close();
    try {
      await this.#connect();
    } catch (e) {
      this.onState(e.status === 503 ? "full" : "off");
      this.#again();
    }
  }

  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#peer?.close();
    this.#peer = null;
  }

  #again() {
    clearTimeout(this.#timer);
    if (this.#wanted) this.#timer = setTimeout(() => this.start(), 3000);
  }

  async #connect() {
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#peer = peer;
    this.#sender = peer.addTransceiver("audio", { direction: "sendrecv" }).sender;
    if (this.#mic) await this.#sender.replaceTrack(this.#mic);
    peer.createDataChannel("meter", { ordered: false, maxRetransmits: 0 }).onmessage = (m) => this.onMeter(JSON.parse(m.data));
    peer.ontrack = (e) => {
      this.#audio.srcObject = e.streams[0] ?? new MediaStream([e.track]);
      this.unlock();
    };
    peer.onconnectionstatechange = () => {
      if (peer === this.#peer && ["failed", "disconnected", "closed"].includes(peer.connectionState)) {
        this.onState("off");
        this.#again();
      }
    };
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await send("/booth/rtc", { type: "offer", sdp: peer.localDescription.sdp, page });
    await peer.setRemoteDescription(answer);
  }

  /** unlock plays; browsers allow it only after the visitor has done something. */
  async unlock() {
    if (!this.#audio.srcObject) return;
    try {
      await this.#audio.play();
      this.onState("on");
    } catch {
      this.onState("locked");
    }
  }

  get micOn() { return Boolean(this.#mic); }

  /** openMic asks for the microphone; it throws what getUserMedia throws. */
  async openMic() {
    const media = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } });
    [this.#mic] = media.getAudioTracks();
    await this.#sender?.replaceTrack(this.#mic);
  }

  closeMic() {
    this.#mic?.stop();
    this.#mic = null;
    this.#sender?.replaceTrack(null);
  }
}

/** gathered waits for all candidates, but not for ever. */
function gathered(peer) {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const enough = setTimeout(resolve, 1500);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState === "complete") {
        clearTimeout(enough);
        resolve();
      }
    });
  });
}
