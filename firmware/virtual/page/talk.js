// What was said, and the box that speaks for the citizen.

import { w, onLang } from "./words.js";

/** newLog keeps the turns of the visit under way; nothing of an earlier one stays. */
export function newLog(log, steps) {
  let last;
  return {
    turn({ who, text, lang }) {
      if (!text) return; // struck out: the visit is over
      const known = ["citizen", "bot", "agent"].includes(who) ? who : "bot";
      if (last?.who !== known) {
        const group = document.createElement("section");
        group.className = `said ${known}`;
        const name = document.createElement("b");
        name.dataset.w = known;
        name.textContent = w(known);
        group.append(name);
        log.append(group);
        last = { who: known, group };
      }
      const p = document.createElement("p");
      p.textContent = text;
      if (lang) p.lang = lang === "zh" ? "zh-CN" : lang;
      last.group.append(p);
      steps.hidden = true;
      log.scrollTop = log.scrollHeight;
    },
    wipe() {
      log.replaceChildren();
      last = undefined;
      steps.hidden = false;
    },
  };
}

/** newSay sends what is typed; say(text, lang) does it. */
export function newSay(form, say) {
  const text = form.querySelector("#say-text");
  const lang = form.querySelector("#say-lang");
  const ideas = form.querySelector("#ideas");
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    say(words, lang.value);
  });
  onLang(() => {
    ideas.replaceChildren(...w("ideas").map(([code, idea]) => {
      const b = document.createElement("button");
      b.type = "button";
      b.lang = code === "zh" ? "zh-CN" : code;
      b.textContent = idea;
      b.addEventListener("click", () => say(idea, code));
      return b;
    }));
  });
}

/** newMeter draws a row of bars; the returned function takes dBFS. */
export function newMeter(box) {
  const bars = box.querySelector(".bars");
  const n = 16;
  bars.replaceChildren(...Array.from({ length: n }, () => document.createElement("i")));
  let shown = 0;
  return (db) => {
    const lit = Math.round(Math.max(0, Math.min(1, (db + 60) / 54)) * n);
    shown = Math.max(lit, shown - 2); // falls slower than it rises
    [...bars.children].forEach((b, i) => b.classList.toggle("lit", i < shown));
  };
}
