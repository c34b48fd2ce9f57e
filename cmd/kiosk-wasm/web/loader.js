// Loads the kiosk: its program and its two fonts in parallel, with honest progress, and turns touches into the mouse events Fyne understands.
'use strict';
(() => {
  // What each part of the start is worth on the bar; starting the program takes time too.
  const parts = { 'kiosk.wasm': 0, 'fonts/regular.otf': 0, 'fonts/bold.otf': 0 };
  const downloads = 0.86;
  const bar = document.querySelector('#bar i');
  const track = document.getElementById('bar');
  const note = document.getElementById('note');
  const veil = document.getElementById('loading');
  let sizes = {};
  let state = 'loading';
  let shown = 0;

  function tell(progress) {
    shown = Math.max(shown, Math.min(1, progress));
    bar.style.transform = `scaleX(${shown})`;
    track.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
    if (window.parent !== window) {
      window.parent.postMessage({ laoyou: 'kiosk', state, progress: shown }, window.location.origin);
    }
  }

  function count() {
    let have = 0, all = 0;
    for (const name of Object.keys(parts)) {
      all += sizes[name] || 1;
      have += Math.min(parts[name], sizes[name] || 1);
    }
    tell(downloads * have / all);
  }

  // The stream is already decoded, so its bytes are counted against the raw size in the manifest.
  function counted(response, name) {
    const reader = response.body.getReader();
    const stream = new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) { controller.close(); return; }
        parts[name] += value.byteLength;
        count();
        controller.enqueue(value);
      },
      cancel(reason) { return reader.cancel(reason); },
    });
    return new Response(stream, { headers: { 'Content-Type': response.headers.get('Content-Type') || '' } });
  }

  async function get(name) {
    const response = await fetch(name, { credentials: 'same-origin' });
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return counted(response, name);
  }

  async function font(name) {
    const response = await get(`fonts/${name}.otf`);
    return new Uint8Array(await response.arrayBuffer());
  }

  function fail(message) {
    console.error('kiosk:', message);
    note.textContent = '没有打开，请刷新页面再试 · Could not open, please reload';
    state = 'failed';
    tell(shown);
  }

  function ready() {
    // Two frames: the first paints the View, the second shows it.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      state = 'ready';
      performance.mark('laoyou-ready');
      tell(1);
      veil.classList.add('done');
      setTimeout(() => veil.remove(), 500);
    }));
  }

  // Fyne's browser driver knows the mouse only. One finger becomes one mouse; pressing is shown at once, not after lifting.
  function mouse(type, touch) {
    document.dispatchEvent(new MouseEvent(type, { clientX: touch.clientX, clientY: touch.clientY, button: 0, bubbles: true, cancelable: true }));
  }
  let finger = null;
  const find = (list) => Array.from(list).find((t) => t.identifier === finger);
  document.addEventListener('touchstart', (e) => {
    e.preventDefault();
    if (finger !== null) return;
    const t = e.changedTouches[0];
    finger = t.identifier;
    mouse('mousemove', t);
    setTimeout(() => mouse('mousedown', t), 0);
  }, { passive: false });
  document.addEventListener('touchmove', (e) => {
    e.preventDefault();
    const t = find(e.changedTouches);
    if (t) mouse('mousemove', t);
  }, { passive: false });
  const lift = (e) => {
    e.preventDefault();
    const t = find(e.changedTouches);
    if (!t) return;
    finger = null;
    mouse('mousemove', t);
    setTimeout(() => mouse('mouseup', t), 0);
  };
  document.addEventListener('touchend', lift, { passive: false });
  document.addEventListener('touchcancel', lift, { passive: false });

  const fonts = {};
  window.laoyouLoader = { font: (name) => fonts[name], ready, fail: (m) => fail(m) };

  async function start() {
    tell(0.01);
    const manifest = fetch('manifest.json', { cache: 'no-cache' }).then((r) => r.json()).then((m) => { sizes = m.raw || {}; }).catch(() => {});
    const program = get('kiosk.wasm');
    for (const name of ['regular', 'bold']) {
      fonts[name] = font(name);
      fonts[name].catch(() => {}); // reported where it is awaited
    }
    await manifest;
    const go = new Go();
    const { instance } = await WebAssembly.instantiateStreaming(program, go.importObject);
    tell(0.92);
    await go.run(instance);
  }
  start().catch((e) => fail(String(e && e.message || e)));
})();
