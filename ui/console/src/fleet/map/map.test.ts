import { expect, test } from 'vitest';
import type { Point } from '../api/wire';
import { bounds, cluster, fit, plane, whole, zoom } from './cluster';
import { type Corner, districts } from './districts';

const inside = ([x, y]: Corner, ring: Corner[]): boolean => {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] as Corner;
    const [xj, yj] = ring[j] as Corner;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
};
const where = (at: Corner): string[] => districts.filter((d) => d.rings.some((r) => inside(at, r))).map((d) => d.id);

test('places everybody knows lie in their districts, and in one only', () => {
  const places: Record<string, Corner> = {
    huangpu: [121.475, 31.23], xuhui: [121.437, 31.192], changning: [121.4, 31.205], jingan: [121.45, 31.228], putuo: [121.4, 31.25], hongkou: [121.49, 31.265], yangpu: [121.52, 31.3],
    minhang: [121.38, 31.11], baoshan: [121.49, 31.4], jiading: [121.26, 31.38], pudong: [121.54, 31.22], jinshan: [121.34, 30.74], songjiang: [121.23, 31.03], qingpu: [121.12, 31.15],
    fengxian: [121.47, 30.92], chongming: [121.4, 31.63],
  };
  expect(Object.keys(places).sort()).toEqual(districts.map((d) => d.id).sort());
  for (const [id, at] of Object.entries(places)) expect(where(at), id).toEqual([id]);
  for (const d of districts) expect(where(d.label), `the name of ${d.id}`).toEqual([d.id]);
});

test('neighbours neither overlap nor leave holes', () => {
  let land = 0;
  for (let lon = 120.95; lon < 121.9; lon += 0.013) {
    for (let lat = 30.72; lat < 31.48; lat += 0.011) {
      const n = where([lon, lat]).length;
      expect(n, `${lon} ${lat}`).toBeLessThan(2);
      land += n;
    }
  }
  expect(land).toBeGreaterThan(2000);
});

const point = (id: string, lon: number, lat: number, more: Partial<Point> = {}): Point => ({ id, name: id, lon, lat, presence: 'online', standing: 'in_service', drift: 0, ...more });

test('what stands close is one spot, and moving the map does not mix spots anew', () => {
  const points = [point('a', 121.48, 31.23), point('b', 121.4801, 31.2301, { presence: 'offline' }), point('c', 121.2, 31.02)];
  const cam = fit(whole, 800, 600);
  const spots = cluster(points, cam, 800, 600);
  expect(spots.map((s) => [s.points.map((p) => p.id), s.off])).toEqual([[['a', 'b'], 1], [['c'], 0]]);
  const moved = cluster(points, { ...cam, x: cam.x + 1234 }, 800, 600);
  expect(moved.map((s) => s.key)).toEqual(spots.map((s) => s.key));
  const near = fit(bounds(points.slice(0, 2)) ?? whole, 800, 600);
  expect(cluster(points, near, 800, 600)).toHaveLength(2);
});

test('zooming keeps what is under the pointer', () => {
  const cam = fit(whole, 800, 600);
  const [x, y] = plane([121.48, 31.23]);
  const at = { x: (x - cam.x) * cam.k + 400, y: (y - cam.y) * cam.k + 300 };
  const z = zoom(cam, 3, at, 800, 600);
  expect((x - z.x) * z.k + 400).toBeCloseTo(at.x);
  expect((y - z.y) * z.k + 300).toBeCloseTo(at.y);
});
