import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point } from '../api/wire';
import { count } from '../format';
import { MinusIcon, PlusIcon } from '../icons';
import { MarkShape } from '../parts/Presence';
import { go } from '../route';
import { bounds, type Camera, fit, plane, radius, type Spot, zoom } from './cluster';
import { type Corner, districts, river } from './districts';

const path = (ring: Corner[], close: boolean): string => `M${ring.map((c) => plane(c).map(Math.round).join(' ')).join('L')}${close ? 'z' : ''}`;

// The land is drawn once; the camera only moves it.
const land = districts.map((d) => ({ id: d.id, inner: d.inner, d: d.rings.map((r) => path(r, true)).join(''), at: plane(d.label) }));
const water = path(river, false);

interface Size {
  w: number;
  h: number;
}

interface Props {
  spots: Spot[];
  camera: Camera;
  size: Size;
  move(c: Camera): void;
}

export function Sketch({ spots, camera: cam, size, move }: Props) {
  const { t } = useTranslation();
  const svg = useRef<SVGSVGElement>(null);
  const drag = useDrag(cam, move);
  useWheel(svg, cam, size, move);
  const by = (f: number): void => move(zoom(cam, f, { x: size.w / 2, y: size.h / 2 }, size.w, size.h));
  return (
    <>
      <svg ref={svg} className="sketch" width={size.w} height={size.h} role="group" aria-label={t('map.title')} {...drag}>
        <g transform={`translate(${size.w / 2} ${size.h / 2}) scale(${cam.k}) translate(${-cam.x} ${-cam.y})`}>
          {land.map((l) => (
            <path key={l.id} d={l.d} className="land" />
          ))}
          <path d={water} className="river" />
        </g>
        {land.map((l) => (
          <Name key={l.id} id={l.id} x={(l.at[0] - cam.x) * cam.k + size.w / 2} y={(l.at[1] - cam.y) * cam.k + size.h / 2} shown={!l.inner || cam.k > 0.013} />
        ))}
        {spots.map((s) =>
          s.points.length === 1 && s.points[0] ? (
            <One key={s.key} spot={s} point={s.points[0]} near={spots.length < 40 && cam.k > 0.03} />
          ) : (
            <Many key={s.key} spot={s} into={() => move(fit(bounds(s.points) ?? { x: 0, y: 0, w: 1, h: 1 }, size.w, size.h))} />
          ),
        )}
      </svg>
      <div className="map-zoom">
        <button type="button" aria-label={t('map.zoomIn')} onClick={() => by(1.8)}>
          <PlusIcon size={16} weight="bold" />
        </button>
        <button type="button" aria-label={t('map.zoomOut')} onClick={() => by(1 / 1.8)}>
          <MinusIcon size={16} weight="bold" />
        </button>
      </div>
    </>
  );
}

function Name({ id, x, y, shown }: { id: string; x: number; y: number; shown: boolean }) {
  const { t } = useTranslation();
  return shown ? (
    <text x={x} y={y} className="land-name">
      {t(`district.${id}`)}
    </text>
  ) : null;
}

function One({ spot: s, point: p, near }: { spot: Spot; point: Point; near: boolean }) {
  const { t } = useTranslation();
  const kind = p.standing === 'in_service' ? p.presence : p.standing;
  const state = t(p.standing === 'in_service' ? `presence.${p.presence}` : `standing.${p.standing}`);
  const open = (): void => go(`booths/${encodeURIComponent(p.id)}`);
  return (
    <g
      className={`spot mark mark-${kind}`}
      transform={`translate(${s.x} ${s.y})`}
      tabIndex={0}
      role="link"
      aria-label={`${p.name || p.id}, ${state}`}
      onClick={open}
      onKeyDown={(e) => {
        if (e.key === 'Enter') open();
      }}
    >
      <title>{`${p.name || p.id} · ${state}`}</title>
      <circle r={11} className="spot-ground" />
      <g transform="translate(-8 -8)">
        <MarkShape kind={kind} />
      </g>
      {near && (
        <text y={25} className="spot-name">
          {p.name || p.id}
        </text>
      )}
    </g>
  );
}

// Many is a ring: how much of it is solid says how many are well, the figure beneath a stroke says how many are not.
function Many({ spot: s, into }: { spot: Spot; into(): void }) {
  const { t, i18n } = useTranslation();
  const n = s.points.length;
  const r = radius(n);
  const round = 2 * Math.PI * r;
  const bad = s.off === 0 ? 0 : Math.max(0.06, s.off / n);
  const label = t('map.cluster', { n: count(n, i18n.language), off: count(s.off, i18n.language) });
  return (
    <g
      className="spot many"
      transform={`translate(${s.x} ${s.y})`}
      tabIndex={0}
      role="button"
      aria-label={label}
      onClick={into}
      onKeyDown={(e) => {
        if (e.key === 'Enter' || e.key === ' ') into();
      }}
    >
      <title>{label}</title>
      <circle r={r + 3} className="spot-ground" />
      <circle r={r} className="many-well" />
      {bad > 0 && <circle r={r} className="many-off" strokeDasharray={`${round * bad} ${round}`} transform="rotate(-90)" />}
      <text className="many-n" y={s.off > 0 ? -1 : 4.5}>
        {n > 999 ? `${Math.round(n / 100) / 10}k` : n}
      </text>
      {s.off > 0 && (
        <text className="many-bad" y={10}>
          ⊘{s.off}
        </text>
      )}
    </g>
  );
}

// useDrag moves the map with a pointer; a press that hardly moves is a click and is left alone.
function useDrag(cam: Camera, move: (c: Camera) => void) {
  const [from, setFrom] = useState<{ x: number; y: number; cam: Camera; far: boolean } | null>(null);
  return {
    onPointerDown: (e: PointerEvent<SVGSVGElement>) => {
      if (e.button === 0) setFrom({ x: e.clientX, y: e.clientY, cam, far: false });
    },
    onPointerMove: (e: PointerEvent<SVGSVGElement>) => {
      if (!from) return;
      const dx = e.clientX - from.x;
      const dy = e.clientY - from.y;
      if (!from.far && Math.hypot(dx, dy) < 4) return;
      if (!from.far) {
        e.currentTarget.setPointerCapture(e.pointerId);
        setFrom({ ...from, far: true });
      }
      move({ ...from.cam, x: from.cam.x - dx / from.cam.k, y: from.cam.y - dy / from.cam.k });
    },
    onPointerUp: () => setFrom(null),
    onPointerCancel: () => setFrom(null),
  };
}

// useWheel listens by hand: the browser takes React's own wheel listeners for ones that never keep the page from scrolling.
function useWheel(svg: React.RefObject<SVGSVGElement | null>, cam: Camera, size: Size, move: (c: Camera) => void): void {
  const now = useRef({ cam, size, move });
  useEffect(() => {
    now.current = { cam, size, move };
  });
  useEffect(() => {
    const el = svg.current;
    if (!el) return;
    const turn = (e: WheelEvent): void => {
      e.preventDefault();
      const { cam, size, move } = now.current;
      const box = el.getBoundingClientRect();
      move(zoom(cam, Math.exp(-e.deltaY * 0.0016), { x: e.clientX - box.left, y: e.clientY - box.top }, size.w, size.h));
    };
    el.addEventListener('wheel', turn, { passive: false });
    return () => el.removeEventListener('wheel', turn);
  }, [svg]);
}
