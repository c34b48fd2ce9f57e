// The red key: it must be held, so that a bump starts nothing; the ring shows how long still.

const hold = 1200; // ms, as the real key

/** newSOS makes button the SOS key; done(ms) is called when it has been held long enough or was let go earlier. */
export function newSOS(button, done) {
  const ring = button.querySelector(".ring");
  let since = 0;
  let frame = 0;

  const paint = (part) => { ring.style.strokeDashoffset = String(100 - 100 * part); };
  paint(0);

  function tick() {
    const ms = performance.now() - since;
    paint(Math.min(1, ms / hold));
    if (ms >= hold) end();
    else frame = requestAnimationFrame(tick);
  }
  function start() {
    if (since) return;
    since = performance.now();
    button.classList.add("held");
    frame = requestAnimationFrame(tick);
  }
  function end() {
    if (!since) return;
    const ms = Math.round(performance.now() - since);
    since = 0;
    cancelAnimationFrame(frame);
    button.classList.remove("held");
    if (ms >= hold) navigator.vibrate?.(80);
    setTimeout(() => paint(0), ms >= hold ? 600 : 0);
    done(Math.min(ms, 60000), ms >= hold);
  }

  button.addEventListener("pointerdown", (e) => {
    if (e.button === 0) {
      button.setPointerCapture(e.pointerId);
      start();
    }
  });
  for (const e of ["pointerup", "pointercancel", "blur"]) button.addEventListener(e, end);
  button.addEventListener("contextmenu", (e) => e.preventDefault()); // a long press on a touchscreen
  button.addEventListener("keydown", (e) => {
    if (e.key === " " || e.key === "Enter") {
      e.preventDefault();
      start();
    }
  });
  button.addEventListener("keyup", (e) => {
    if (e.key === " " || e.key === "Enter") end();
  });
}
