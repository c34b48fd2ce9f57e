// The drawn handset: it hangs in its cradle or is held in the hand, and its coiled cord follows.

const still = matchMedia("(prefers-reduced-motion: reduce)");

const drawing = `
<defs>
  <linearGradient id="hs-body" x1="0" x2="1"><stop offset="0" stop-color="#0c1513"/><stop offset=".3" stop-color="#3c4d48"/><stop offset=".55" stop-color="#22302c"/><stop offset="1" stop-color="#0d1614"/></linearGradient>
  <linearGradient id="hs-cup" x1="0" x2="1" y2=".5"><stop offset="0" stop-color="#16211e"/><stop offset=".45" stop-color="#46574f"/><stop offset="1" stop-color="#121c19"/></linearGradient>
  <linearGradient id="hs-steel" y2="1" x2="0"><stop offset="0" stop-color="#fdfefd"/><stop offset=".5" stop-color="#aab8b2"/><stop offset="1" stop-color="#78877f"/></linearGradient>
  <linearGradient id="hs-niche" y2="1" x2="0"><stop offset="0" stop-color="#8d9b94"/><stop offset=".12" stop-color="#bcc8c2"/><stop offset="1" stop-color="#dbe3de"/></linearGradient>
  <filter id="hs-soft" x="-60%" y="-30%" width="220%" height="160%"><feGaussianBlur stdDeviation="9"/></filter>
</defs>
<rect x="22" y="14" width="146" height="366" rx="38" fill="url(#hs-niche)"/>
<rect x="22.750" y="14.750" width="144.500" height="364.500" rx="37" fill="none" stroke="#6d7c75" stroke-opacity=".55" stroke-width="1.500"/>
<path d="M60 17h70" stroke="#55635c" stroke-opacity=".5" stroke-width="3" stroke-linecap="round"/>
<g id="hs-back"><rect x="68" y="104" width="92" height="44" rx="14" fill="#5d6c65"/><rect x="68" y="100" width="92" height="42" rx="14" fill="url(#hs-steel)"/></g>
<circle cx="95" cy="431" r="17" fill="#7d8c85"/><circle cx="95" cy="431" r="14" fill="url(#hs-steel)"/><circle cx="95" cy="431" r="8" fill="#1b2724"/>
<path id="hs-cord-shade" fill="none" stroke="#2b3a35" stroke-opacity=".22" stroke-width="6" transform="translate(6 8)"/>
<path id="hs-cord" fill="none" stroke="#18221f" stroke-width="5.200" stroke-linecap="round" stroke-linejoin="round"/>
<path id="hs-cord-light" fill="none" stroke="#7e918a" stroke-width="1.400" stroke-linecap="round" stroke-opacity=".75"/>
<g id="hs-shade" filter="url(#hs-soft)" opacity=".35"><path d="M82 70Q34 198 82 326" fill="none" stroke="#0b1412" stroke-width="46" stroke-linecap="round"/></g>
<g id="hs-hand">
  <path d="M84 66Q30 198 84 330" fill="none" stroke="#0b1311" stroke-width="50" stroke-linecap="round"/>
  <path d="M84 66Q30 198 84 330" fill="none" stroke="url(#hs-body)" stroke-width="46" stroke-linecap="round"/>
  <path d="M60 92Q30 198 60 304" fill="none" stroke="#fff" stroke-opacity=".2" stroke-width="5" stroke-linecap="round"/>
  <g><rect x="62" y="30" width="80" height="76" rx="25" fill="#0b1311"/><rect x="64" y="32" width="76" height="72" rx="23" fill="url(#hs-cup)"/><rect x="132" y="35" width="17" height="66" rx="8.500" fill="#0c1412"/><rect x="135" y="40" width="5" height="56" rx="2.500" fill="#54665e"/><path d="M74 42q16-8 44-5" stroke="#fff" stroke-opacity=".28" stroke-width="4" stroke-linecap="round" fill="none"/></g>
  <g><rect x="62" y="290" width="80" height="76" rx="25" fill="#0b1311"/><rect x="64" y="292" width="76" height="72" rx="23" fill="url(#hs-cup)"/><rect x="132" y="295" width="17" height="66" rx="8.500" fill="#0c1412"/><rect x="135" y="300" width="5" height="56" rx="2.500" fill="#54665e"/><path d="M74 302q16-8 44-5" stroke="#fff" stroke-opacity=".24" stroke-width="4" stroke-linecap="round" fill="none"/></g>
  <rect x="40" y="184" width="32" height="28" rx="9" fill="#0B6B58"/><path d="M50 198l4 5 9-10" stroke="#E3F1EC" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" fill="none" opacity="0"/>
  <rect x="90" y="364" width="16" height="13" rx="5" fill="#0b1311"/>
</g>
<g id="hs-fork"><path d="M92 122q6-13 22-13h40q12 0 12 12v4q0 11-12 11h-44q-14 0-18-14Z" fill="#66756e" transform="translate(0 3)"/><path d="M92 120q6-13 22-13h40q12 0 12 12v4q0 11-12 11h-44q-14 0-18-14Z" fill="url(#hs-steel)"/></g>`;

const pivot = { x: 95, y: 200 };
const plug = { x: 98, y: 378 }; // where the cord leaves the handset
const socket = { x: 95, y: 428 };

/** newHandset draws into svg; the returned set(off) moves the handset, with a spring. */
export function newHandset(svg) {
  svg.innerHTML = drawing;
  const part = (id) => svg.querySelector(`#hs-${id}`);
  const [hand, shade, fork, back] = ["hand", "shade", "fork", "back"].map(part);
  const cords = ["cord", "cord-light", "cord-shade"].map(part);
  let at = 0; // 0 in the cradle, 1 in the hand
  let speed = 0;
  let want = 0;
  let frame = 0;
  let before = 0;

  function draw() {
    const angle = -13 * at;
    const dx = -16 * at;
    const dy = -30 * at;
    const size = 1 + 0.05 * at;
    hand.setAttribute("transform", `translate(${dx} ${dy}) rotate(${angle} ${pivot.x} ${pivot.y}) translate(${pivot.x * (1 - size)} ${pivot.y * (1 - size)}) scale(${size})`);
    shade.setAttribute("transform", `translate(${dx + 8 + 24 * at} ${dy + 10 + 34 * at}) rotate(${angle} ${pivot.x} ${pivot.y})`);
    shade.setAttribute("opacity", String(0.4 - 0.18 * at));
    for (const f of [fork, back]) f.setAttribute("transform", `translate(0 ${-7 * at})`); // the spring of the cradle
    const rad = (angle * Math.PI) / 180;
    const px = (plug.x - pivot.x) * size;
    const py = (plug.y - pivot.y) * size;
    const end = { x: pivot.x + dx + px * Math.cos(rad) - py * Math.sin(rad), y: pivot.y + dy + px * Math.sin(rad) + py * Math.cos(rad) };
    const d = coil(end, socket, at);
    for (const c of cords) c.setAttribute("d", d);
  }

  function step(now) {
    const dt = Math.min(0.032, (now - before) / 1000);
    before = now;
    speed += ((want - at) * 190 - speed * 19) * dt;
    at += speed * dt;
    if (Math.abs(want - at) < 0.002 && Math.abs(speed) < 0.02) {
      at = want;
      frame = 0;
    } else {
      frame = requestAnimationFrame(step);
    }
    draw();
  }

  draw();
  return (off) => {
    want = off ? 1 : 0;
    if (still.matches) {
      at = want;
      draw();
    } else if (!frame) {
      speed = 0;
      before = performance.now();
      frame = requestAnimationFrame(step);
    }
  };
}

/** coil winds the cord from a to b: a curve that sags, with loops around it. */
function coil(a, b, lifted) {
  const sag = 46 - 14 * lifted;
  const c1 = { x: a.x + 6, y: a.y + sag };
  const c2 = { x: b.x + 74, y: b.y + 34 };
  const turns = 17;
  const radius = 6.5 - 1.2 * lifted;
  const n = turns * 14;
  let d = "";
  for (let i = 0; i <= n; i++) {
    const t = i / n;
    const u = 1 - t;
    const x = u * u * u * a.x + 3 * u * u * t * c1.x + 3 * u * t * t * c2.x + t * t * t * b.x;
    const y = u * u * u * a.y + 3 * u * u * t * c1.y + 3 * u * t * t * c2.y + t * t * t * b.y;
    const tx = 3 * (u * u * (c1.x - a.x) + 2 * u * t * (c2.x - c1.x) + t * t * (b.x - c2.x));
    const ty = 3 * (u * u * (c1.y - a.y) + 2 * u * t * (c2.y - c1.y) + t * t * (b.y - c2.y));
    const len = Math.hypot(tx, ty) || 1;
    const fade = Math.min(1, 7 * t, 7 * u); // straight at both ends
    const turn = t * turns * 2 * Math.PI;
    const across = Math.sin(turn) * radius * fade;
    const along = Math.cos(turn) * radius * 0.62 * fade;
    d += `${i ? "L" : "M"}${(x + (tx * along - ty * across) / len).toFixed(1)} ${(y + (ty * along + tx * across) / len).toFixed(1)}`;
  }
  return d;
}
