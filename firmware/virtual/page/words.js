// The page's own words. What the booth says comes from the booth.

const words = {
  zh: {
    booth: "老友亭", phone: "电话机", screen: "触摸屏", lamps: "指示灯", keypad: "按键", talk: "对话与打字", log: "说过的话", bar: "电话",
    pageLang: "页面语言", loading: "屏幕马上就好", lampReady: "就绪", lampCall: "通话", lampSOS: "求助",
    on: "亮", off: "灭", liftHint: "拿起话筒", ear: "听筒", mic: "话筒",
    sosTitle: "紧急求助", sosHold: "长按 1.2 秒", sosLonger: "再按久一点", sosCalling: "正在接通", sosLabel: "紧急求助，长按 1.2 秒",
    micOn: "关闭麦克风", micOff: "打开麦克风", micDenied: "没有拿到麦克风，打字也一样能办", micNone: "这里没有麦克风，打字也一样能办",
    lift: "拿起话筒", hang: "挂断", headline: "拿起话筒，有事您说话", lead: "订景点门票，打免费电话，找真人，中文英文都行。急事按红键，这里的求助只是演练。",
    step1: "拿起话筒，听一声您好", step2: "说出来、打出来，或按数字键", step3: "核对一遍，带走凭条",
    unlock: "点一下，打开声音", langAuto: "自动", sayLang: "说话的语言", sayText: "替市民说一句…", send: "说",
    shortcuts: "键盘：0–9 * # 是按键 · L 拿起或挂断 · T 打字",
    barTalk: "对话", barKeys: "按键", lost: "和老友亭断开了，正在重新连接…", live: "已接通", wait: "正在连接", noSound: "没有声音，字幕照常",
    citizen: "您", bot: "老友", agent: "接线员", hookFirst: "请先拿起话筒", refused: "这会儿不行", full: "已经有四个页面在听了，这里先看字幕",
    ideas: [["zh", "我想预约明天上午豫园的门票，两张"], ["en", "Two tickets for Yu Garden tomorrow morning, please"], ["zh", "取消预约"]],
  },
  en: {
    booth: "Laoyou booth", phone: "Telephone", screen: "Touchscreen", lamps: "Lamps", keypad: "Keypad", talk: "Conversation and typing", log: "What was said", bar: "Telephone",
    pageLang: "Page language", loading: "The screen is waking up", lampReady: "Ready", lampCall: "Call", lampSOS: "SOS",
    on: "on", off: "off", liftHint: "Lift me", ear: "Ear", mic: "Mic",
    sosTitle: "Emergency", sosHold: "hold for 1.2 s", sosLonger: "hold a little longer", sosCalling: "calling now", sosLabel: "Emergency call, hold for 1.2 seconds",
    micOn: "Turn mic off", micOff: "Turn mic on", micDenied: "No microphone, but typing works just as well", micNone: "There is no microphone here; typing works just as well",
    lift: "Lift handset", hang: "Hang up", headline: "Pick up the handset and say hello", lead: "Book an attraction, make a free call, talk to a person, in Chinese or English. In trouble, press the red key: here it is only a drill.",
    step1: "Lift the handset and hear a greeting", step2: "Say it, type it, or press a number", step3: "Check it once and take your ticket",
    unlock: "Tap to turn the sound on", langAuto: "Auto", sayLang: "Language you speak", sayText: "Speak for the citizen…", send: "Say",
    shortcuts: "Keyboard: 0–9 * # press keys · L lifts or hangs up · T types",
    barTalk: "Talk", barKeys: "Keys", lost: "The booth is not answering. Connecting again…", live: "Connected", wait: "Connecting", noSound: "No sound, captions as usual",
    citizen: "You", bot: "Laoyou", agent: "Operator", hookFirst: "Lift the handset first", refused: "Not possible right now", full: "Four pages are listening already; captions work here",
    ideas: [["en", "Two tickets for Yu Garden tomorrow morning, please"], ["zh", "我想预约明天上午豫园的门票，两张"], ["en", "Cancel a booking"]],
  },
};

let lang = remembered() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
const watchers = new Set();

function remembered() {
  try {
    const l = localStorage.getItem("laoyou.page.lang");
    return l in words ? l : null;
  } catch {
    return null; // storage may be switched off
  }
}

/** w returns a word in the page's language. */
export const w = (key) => words[lang][key];

/** pageLang returns "zh" or "en". */
export const pageLang = () => lang;

/** onLang calls f now and whenever the page's language changes. */
export function onLang(f) {
  watchers.add(f);
  f();
}

/** setLang switches the page's language. */
export function setLang(l) {
  lang = l;
  try {
    localStorage.setItem("laoyou.page.lang", l);
  } catch { /* then only for this visit of the page */ }
  for (const f of watchers) f();
}

/** translate fills in every element that names its words. */
export function translate() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const e of document.querySelectorAll("[data-w]")) e.textContent = w(e.dataset.w);
  for (const e of document.querySelectorAll("[data-label]")) e.setAttribute("aria-label", w(e.dataset.label));
  for (const e of document.querySelectorAll("[data-title]")) e.title = w(e.dataset.title);
  for (const e of document.querySelectorAll("[data-hint]")) e.placeholder = w(e.dataset.hint);
  for (const b of document.querySelectorAll("[data-lang]")) b.setAttribute("aria-pressed", String(b.dataset.lang === lang));
}
