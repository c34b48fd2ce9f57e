// Joins the drawn telephone, the screen and the words to the booth.

import { post, state, urgent, watch } from "./booth.js";
import { newHandset } from "./handset.js";
import { listenKeys, newKeypad } from "./keypad.js";
import { newSOS } from "./sos.js";
import { Sound } from "./sound.js";
import { newLog, newMeter, newSay } from "./talk.js";
import { onLang, setLang, translate, w } from "./words.js";

const $ = (id) => document.getElementById(id);
const body = document.body;
const moveHandset = newHandset($("handset"));
const log = newLog($("log"), $("steps"));
let off = false;
let visit = "";

/* ---- the handset ---- */

function showHook(isOff) {
  off = isOff;
  body.dataset.hook = off ? "off" : "on";
  $("handset").setAttribute("aria-pressed", String(off));
  moveHandset(off);
  labelHook();
}
function labelHook() {
  const word = off ? w("hang") : w("lift");
  $("handset").setAttribute("aria-label", word);
  $("bar-hook-label").textContent = word;
}
async function toggleHook() {
  sound.unlock(); // this click is what lets the page play
  const want = !off;
  showHook(want); // at once; the booth corrects it if it must
  try {
    await post("hook", { state: want ? "off" : "on" });
  } catch (e) {
    if (!e.status) showHook(!want); // nobody took the handset's word
    else if (e.status !== 409) complain(e);
    refresh();
  }
}
$("handset").addEventListener("click", toggleHook);
$("handset").addEventListener("keydown", (e) => {
  if (e.key === " " || e.key === "Enter") {
    e.preventDefault();
    toggleHook();
  }
});
$("bar-hook").addEventListener("click", toggleHook);

/* ---- keys ---- */

const light = newKeypad($("keys"), (key) => press(key, false));
function press(key, lit = true) {
  sound.unlock();
  if (lit) light(key);
  post("keys", { keys: key }).catch(complain);
}
function shortcut(key) {
  if (key === "l") toggleHook();
  else if (key === "t") $("say-text").focus();
  else return false;
  return true;
}
listenKeys(document, press, shortcut);

/* ---- SOS ---- */

let sosWord = "sosHold";
const showSOS = (word) => {
  sosWord = word;
  $("sos-hold").textContent = w(word);
};
newSOS($("sos"), (ms, enough) => {
  sound.unlock();
  showSOS(enough ? "sosCalling" : "sosLonger");
  $("sos").classList.toggle("short", !enough);
  setTimeout(() => {
    showSOS("sosHold");
    $("sos").classList.remove("short");
  }, 2500);
  urgent("sos", { held_ms: ms }).catch(complain);
});

/* ---- sound ---- */

const ear = newMeter($("meter-ear"));
const mouth = newMeter($("meter-mic"));
let soundState = "off";
const sound = new Sound($("ear"), (level) => {
  ear(level.ear);
  mouth(level.mic);
}, (s) => {
  if (s === "full" && soundState !== s) toast(w("full"));
  soundState = s;
  body.dataset.sound = s;
  $("unlock").hidden = !(s === "locked" && off);
});
$("unlock").addEventListener("click", () => sound.unlock());
$("mic").addEventListener("click", async () => {
  sound.unlock();
  try {
    if (sound.micOn) sound.closeMic();
    else await sound.openMic();
  } catch (e) {
    toast(w(e.name === "NotAllowedError" ? "micDenied" : "micNone"));
  }
  labelMic();
});
function labelMic() {
  $("mic").setAttribute("aria-pressed", String(sound.micOn));
  $("mic-label").textContent = sound.micOn ? w("micOn") : w("micOff");
}

/* ---- words ---- */

newSay($("say"), (text, lang) => {
  sound.unlock();
  post("say", lang ? { text, lang } : { text }).catch(complain);
});

function complain(e) {
  if (e.status === 409) toast(w("hookFirst"));
  else if (e.status) toast(`${w("refused")}${e.message ? ` · ${e.field ?? ""} ${e.message}` : ""}`);
  // without a status the booth did not answer at all: the banner says so
}

let toastTimer;
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 3200);
}

/* ---- the booth ---- */

async function refresh() {
  try {
    const s = await state();
    if (s.off !== off) showHook(s.off);
    for (const [lamp, on] of Object.entries(s.lamps)) showLamp(lamp, on);
    if (s.visit !== visit) {
      visit = s.visit;
      if (!visit) log.wipe();
    }
    $("unlock").hidden = !(soundState === "locked" && off);
  } catch { /* the stream notices, too */ }
}

let refreshTimer;
function onEvent(e) {
  switch (e.type) {
    case "turn":
      if (e.visit !== visit && e.visit) {
        visit = e.visit;
        log.wipe();
      }
      log.turn(e);
      break;
    case "led":
      showLamp(e.lamp, Boolean(e.on));
      break;
    case "key":
      if (e.key) light(e.key);
      break;
    case "visit":
    case "view":
      clearTimeout(refreshTimer);
      refreshTimer = setTimeout(refresh, 60);
  }
}
function showLamp(name, on) {
  const lamp = document.querySelector(`.lamp[data-lamp="${CSS.escape(String(name))}"]`);
  if (!lamp) return;
  lamp.classList.toggle("on", on);
  lamp.setAttribute("aria-label", `${lamp.textContent} ${w(on ? "on" : "off")}`);
}

let linked = "wait";
watch(onEvent, (up) => {
  if (!up) for (const lamp of ["ready", "call", "sos"]) showLamp(lamp, false);
  if (up && linked !== "up") {
    refresh();
    sound.start();
  }
  linked = up ? "up" : "lost";
  body.dataset.link = linked;
  document.querySelector(".lost").hidden = up;
  showLink();
});
function showLink() {
  $("live").querySelector("span").textContent = w(linked === "up" ? "live" : "wait");
}

/* ---- the screen ---- */

const kiosk = $("kiosk");
addEventListener("message", (m) => {
  if (m.origin !== location.origin || m.source !== kiosk.contentWindow || m.data?.laoyou !== "kiosk") return;
  $("progress").value = Number(m.data.progress) || 0;
  $("loading").classList.toggle("done", m.data.state !== "loading"); // what failed says so itself
});
kiosk.addEventListener("load", () => listenKeys(kiosk.contentWindow, press, shortcut)); // also while the screen has the focus

/* ---- sheets of the small layout ---- */

const sheets = [["bar-keys", "phone"], ["bar-talk", "talk"]];
for (const [button, sheet] of sheets) {
  $(button).addEventListener("click", () => openSheet($(button).getAttribute("aria-expanded") === "true" ? "" : sheet));
}
function openSheet(open) {
  for (const [button, sheet] of sheets) {
    $(button).setAttribute("aria-expanded", String(sheet === open));
    $(sheet).classList.toggle("open", sheet === open);
  }
}
addEventListener("keydown", (e) => e.key === "Escape" && openSheet(""));

for (const b of document.querySelectorAll("[data-lang]")) b.addEventListener("click", () => setLang(b.dataset.lang));
onLang(() => {
  translate();
  labelHook();
  labelMic();
  showLink();
  showSOS(sosWord);
});
