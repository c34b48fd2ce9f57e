import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { points as readPoints } from '../api/fleet';
import { useLive } from '../api/live';
import type { Live, Point } from '../api/wire';
import { count } from '../format';
import { ArrowsClockwiseIcon } from '../icons';
import { Empty, Failure } from '../parts/Empty';
import { Mark } from '../parts/Presence';
import { go, useLinkTo } from '../route';
import { type Camera, cluster, fit, troubled, whole } from './cluster';
import { Sketch } from './Sketch';
import './map.css';

// kinds are what can be shown or hidden; their order is that of importance.
const kinds = ['quarantined', 'offline', 'unknown', 'online'] as const;
type Kind = (typeof kinds)[number];

const kindOf = (p: Point): Kind | null => (p.standing === 'retired' ? null : p.standing === 'quarantined' ? 'quarantined' : p.presence);

// Where the operator was looking: who comes back from a booth is there again.
let seen: Camera | null = null;

export default function FleetMap({ search }: { search: URLSearchParams }) {
  const q = useQuery({ queryKey: ['map'], queryFn: ({ signal }) => readPoints(signal), refetchInterval: 60_000 });
  const [news, setNews] = useState<ReadonlyMap<string, Point>>(new Map());
  useEffect(() => setNews(new Map()), [q.data]);
  useLive('', { news: (batch) => setNews((old) => renew(old, batch)), back: () => void q.refetch() });
  const all = useMemo(() => merge(q.data ?? [], news), [q.data, news]);
  if (q.isPending) return <div className="page-wait" aria-busy="true" />;
  if (q.isError && all.length === 0) return <Failure error={q.error} again={() => void q.refetch()} />;
  return <Board all={all} search={search} />;
}

function renew(old: ReadonlyMap<string, Point>, batch: Live[]): ReadonlyMap<string, Point> {
  const out = new Map(old);
  for (const { booth: b } of batch) if (b && b.lat !== null && b.lon !== null) out.set(b.id, { id: b.id, name: b.name, lat: b.lat, lon: b.lon, presence: b.presence, standing: b.standing, drift: b.drift });
  return out;
}

function merge(points: Point[], news: ReadonlyMap<string, Point>): Point[] {
  if (news.size === 0) return points;
  const left = new Map(news);
  const out = points.map((p) => {
    const n = left.get(p.id);
    left.delete(p.id);
    return n ?? p;
  });
  return [...out, ...left.values()];
}

function Board({ all, search }: { all: Point[]; search: URLSearchParams }) {
  const { t, i18n } = useTranslation();
  const hidden = useMemo(() => new Set((search.get('hide') ?? '').split(',')), [search]);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ w: 0, h: 0 });
  const [cam, setCam] = useState<Camera | null>(seen);
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const o = new ResizeObserver(() => setSize({ w: el.clientWidth, h: el.clientHeight }));
    o.observe(el);
    return () => o.disconnect();
  }, []);
  const camera = cam ?? fit(whole, size.w || 800, size.h || 600);
  useEffect(() => {
    seen = cam;
  }, [cam]);
  const points = useMemo(
    () =>
      all.filter((p) => {
        const k = kindOf(p);
        return k !== null && !hidden.has(k);
      }),
    [all, hidden],
  );
  const spots = useMemo(() => cluster(points, camera, size.w, size.h), [points, camera, size]);
  const tally = useMemo(() => {
    const n: Record<string, number> = {};
    for (const p of all) {
      const k = kindOf(p);
      if (k) n[k] = (n[k] ?? 0) + 1;
    }
    return n;
  }, [all]);
  const toggle = (k: Kind): void => {
    const next = new Set(hidden);
    if (!next.delete(k)) next.add(k);
    next.delete('');
    go(next.size ? `map?hide=${[...next]}` : 'map', true);
  };
  return (
    <div className="map">
      <div ref={box} className="map-box card">
        {size.w > 0 && <Sketch spots={spots} camera={camera} size={size} move={setCam} />}
        {all.length === 0 && (
          <div className="map-empty card">
            <Empty title={t('map.empty')} lead={t('map.emptyLead')} />
          </div>
        )}
        <p className="map-sketch soft small">{t('map.sketch')}</p>
      </div>
      <aside className="map-side card">
        <h2>{t('map.show')}</h2>
        <ul className="map-kinds">
          {kinds.map((k) => (
            <li key={k}>
              <Checkbox checked={!hidden.has(k)} onChange={() => toggle(k)}>
                <Mark presence={k === 'quarantined' ? 'unknown' : k} standing={k === 'quarantined' ? k : 'in_service'} /> {t(k === 'quarantined' ? `standing.${k}` : `presence.${k}`)}
              </Checkbox>
              <b className="num">{count(tally[k] ?? 0, i18n.language)}</b>
            </li>
          ))}
        </ul>
        <InView spots={spots.flatMap((s) => (s.x >= 0 && s.y >= 0 && s.x <= size.w && s.y <= size.h ? s.points : []))} whole={() => setCam(null)} moved={cam !== null} />
      </aside>
    </div>
  );
}

const most = 60;

function InView({ spots, whole: all, moved }: { spots: Point[]; whole(): void; moved: boolean }) {
  const { t, i18n } = useTranslation();
  const list = useMemo(() => spots.filter((p) => troubled(p) || p.drift > 0 || p.presence === 'unknown').sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id)), [spots]);
  // Where few are in view, all of them are named.
  const shown = spots.length <= most && list.length < spots.length ? [...spots].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id)) : list;
  return (
    <>
      <h2 className="map-title">
        {shown === list ? t('map.attention') : t('map.inView', { n: spots.length })}
        {moved && (
          <Button size="small" onClick={all}>
            {t('map.whole')}
          </Button>
        )}
      </h2>
      {spots.length === 0 ? (
        <p className="soft small">{t('map.noneLead')}</p>
      ) : (
        <>
          {shown === list && <p className="soft small">{t('map.inView', { n: count(spots.length, i18n.language) })}</p>}
          <ul className="map-list">
            {shown.slice(0, most).map((p) => (
              <Item key={p.id} point={p} />
            ))}
          </ul>
          {shown.length > most && <p className="soft small">{t('map.more', { n: count(shown.length - most, i18n.language) })}</p>}
        </>
      )}
    </>
  );
}

const rank = (p: Point): number => (p.standing === 'quarantined' ? 0 : p.presence === 'offline' ? 1 : p.drift > 0 ? 2 : p.presence === 'unknown' ? 3 : 4);

function Item({ point: p }: { point: Point }) {
  const { t } = useTranslation();
  const link = useLinkTo(`booths/${encodeURIComponent(p.id)}`);
  return (
    <li>
      <a {...link}>
        <Mark presence={p.presence} standing={p.standing} />
        <span>{p.name || p.id}</span>
        {p.drift > 0 && (
          <small className="drift" title={t('list.driftN', { n: p.drift })}>
            <ArrowsClockwiseIcon size={11} weight="bold" /> {p.drift}
          </small>
        )}
        <code>{p.id}</code>
      </a>
    </li>
  );
}
