// Where things are on the map's plane, and which stand so close that they are shown as one. Pure.
import type { Point } from '../api/wire';
import type { Corner } from './districts';

// The plane's unit is about a metre at the latitude of the city, y down. An even projection: over one city nobody sees the difference.
const scale = 111_320;
const narrow = Math.cos((31.2 * Math.PI) / 180);
const west = 120.85;
const north = 31.87;

export const plane = ([lon, lat]: Corner): [number, number] => [(lon - west) * scale * narrow, (north - lat) * scale];
export const whole = { x: 0, y: 0, w: 1.14 * scale * narrow, h: 1.2 * scale };

export interface Camera {
  x: number; // of the middle, on the plane
  y: number;
  k: number; // pixels for a unit
}

export interface Spot {
  key: string;
  x: number; // on the screen
  y: number;
  points: Point[];
  off: number; // of them that want a look
}

export const cell = 54; // pixels within which booths are one spot

export const troubled = (p: Point): boolean => p.standing === 'quarantined' || (p.standing === 'in_service' && p.presence === 'offline');

// cluster gathers points into the cells of a grid that is fixed to the plane: moving the map moves the spots and does not mix them anew.
export function cluster(points: Point[], cam: Camera, width: number, height: number): Spot[] {
  const size = cell / cam.k;
  const edge = 40;
  const cells = new Map<string, { x: number; y: number; points: Point[]; off: number }>();
  for (const p of points) {
    const [px, py] = plane([p.lon, p.lat]);
    const sx = (px - cam.x) * cam.k + width / 2;
    const sy = (py - cam.y) * cam.k + height / 2;
    if (sx < -edge || sy < -edge || sx > width + edge || sy > height + edge) continue;
    const key = `${Math.floor(px / size)}:${Math.floor(py / size)}`;
    const there = cells.get(key) ?? { x: 0, y: 0, points: [], off: 0 };
    there.x += sx;
    there.y += sy;
    there.points.push(p);
    if (troubled(p)) there.off++;
    cells.set(key, there);
  }
  return apart([...cells].map(([key, s]) => ({ key: s.points.length === 1 ? (s.points[0]?.id ?? key) : key, x: s.x / s.points.length, y: s.y / s.points.length, points: s.points, off: s.off })));
}

// radius of a spot's ring in pixels.
export const radius = (n: number): number => (n === 1 ? 9 : 14 + Math.min(10, Math.log10(n) * 5));

// apart lets the larger spots take in the smaller ones that would lie upon them. The larger stay where they are, so nothing wanders.
function apart(spots: Spot[]): Spot[] {
  const out: Spot[] = [];
  for (const s of spots.sort((a, b) => b.points.length - a.points.length || (a.key < b.key ? -1 : 1))) {
    const by = out.find((o) => Math.hypot(o.x - s.x, o.y - s.y) < radius(o.points.length) + radius(s.points.length) + 5);
    if (!by) out.push(s);
    else {
      by.points.push(...s.points);
      by.off += s.off;
    }
  }
  return out;
}

// fit is the camera that shows a rectangle of the plane whole.
export function fit(r: { x: number; y: number; w: number; h: number }, width: number, height: number): Camera {
  return { x: r.x + r.w / 2, y: r.y + r.h / 2, k: Math.max(minZoom, Math.min(maxZoom, Math.min(width / r.w, height / r.h))) };
}

export const minZoom = 0.003;
export const maxZoom = 4;

// zoom changes the scale so that what is under the pointer stays there.
export function zoom(cam: Camera, by: number, at: { x: number; y: number }, width: number, height: number): Camera {
  const k = Math.max(minZoom, Math.min(maxZoom, cam.k * by));
  const px = cam.x + (at.x - width / 2) / cam.k;
  const py = cam.y + (at.y - height / 2) / cam.k;
  return { x: px - (at.x - width / 2) / k, y: py - (at.y - height / 2) / k, k };
}

// bounds is the least rectangle around points, with some air.
export function bounds(points: Point[]): { x: number; y: number; w: number; h: number } | null {
  if (points.length === 0) return null;
  const at = points.map((p) => plane([p.lon, p.lat]));
  const xs = at.map(([x]) => x);
  const ys = at.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const [w, h] = [Math.max(...xs) - x, Math.max(...ys) - y];
  const air = Math.max(w, h, 60) * 0.3;
  return { x: x - air, y: y - air, w: w + 2 * air, h: h + 2 * air };
}
