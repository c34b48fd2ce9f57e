// The twelve keys: pressed by finger, by focus and Enter, or from the computer's keyboard.

const order = "123456789*0#";

/** newKeypad draws the keys into box; press(key) is called once for each press. It returns light(key), which lights a key for a moment. */
export function newKeypad(box, press) {
  const buttons = new Map();
  for (const key of order) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = key === "*" ? "＊" : key;
    b.setAttribute("aria-label", key);
    if (key === "5") b.className = "dot"; // felt, not read
    b.addEventListener("pointerdown", (e) => {
      if (e.button !== 0) return;
      b.classList.add("lit");
      press(key);
    });
    for (const end of ["pointerup", "pointerleave", "pointercancel"]) b.addEventListener(end, () => b.classList.remove("lit"));
    b.addEventListener("click", (e) => {
      if (e.detail === 0) { // from Enter or a screen reader; a finger has already pressed
        press(key);
        light(key);
      }
    });
    buttons.set(key, b);
    box.append(b);
  }

  function light(key) {
    const b = buttons.get(key);
    if (!b) return;
    b.classList.add("lit");
    setTimeout(() => b.classList.remove("lit"), 160);
  }
  return light;
}

/** listenKeys calls press for keys typed anywhere but in a field, and shortcut for the letters that the page knows. */
export function listenKeys(target, press, shortcut) {
  target.addEventListener("keydown", (e) => {
    if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea")) return;
    if (e.key.length === 1 && order.includes(e.key)) {
      e.preventDefault();
      press(e.key);
    } else if (shortcut(e.key.toLowerCase())) {
      e.preventDefault();
    }
  });
}
