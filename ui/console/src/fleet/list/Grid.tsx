import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../format';
import { go } from '../route';
import { matches } from './filter';
import { columns, Row } from './Row';
import type { Rows } from './rows';

export const rowHeight = 40;
const beyond = 8; // rows drawn above and below what is seen

// Where the operator was: who comes back from a booth is there again.
const place = { filter: '', top: 0, cursor: '' };

// Grid draws only the rows that can be seen; its height is that of all, so that the scroll bar tells the truth from the first page on.
export function Grid({ rows: s }: { rows: Rows }) {
  const { t } = useTranslation();
  const now = useNow();
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(place.top);
  const [height, setHeight] = useState(800);
  const [cursor, setCursor] = useState(place.cursor);
  const key = JSON.stringify(s.filter);

  useLayoutEffect(() => {
    const el = body.current;
    if (!el) return;
    if (place.filter !== key) Object.assign(place, { filter: key, top: 0, cursor: '' });
    el.scrollTop = place.top;
    setTop(place.top);
    setCursor(place.cursor);
    const o = new ResizeObserver(() => setHeight(el.clientHeight));
    o.observe(el);
    return () => o.disconnect();
  }, [key]);

  const total = s.phase === 'partial' || s.phase === 'whole' ? s.total : s.rows.length;
  const from = Math.max(0, Math.floor(top / rowHeight) - beyond);
  const upto = Math.min(total, Math.ceil((top + height) / rowHeight) + beyond);
  const move = useKeys(s, body, cursor, (id) => {
    place.cursor = id;
    setCursor(id);
  });
  return (
    <div className={`grid ${s.phase === 'loading' ? 'grid-old' : ''}`} role="grid" aria-rowcount={total + 1} aria-busy={s.phase === 'loading'}>
      <div className="grid-row grid-head" role="row" aria-rowindex={1}>
        {columns.map((c) => (
          <span key={c} role="columnheader" className={`col-${c}`}>
            {t(`list.col.${c}`)}
          </span>
        ))}
      </div>
      <div
        ref={body}
        className="grid-body"
        tabIndex={0}
        aria-activedescendant={cursor ? `row-${cursor}` : undefined}
        onScroll={(e) => {
          place.top = e.currentTarget.scrollTop;
          setTop(e.currentTarget.scrollTop);
        }}
        onKeyDown={move}
      >
        <div className="grid-all" style={{ height: total * rowHeight }}>
          {s.phase === 'loading' && s.rows.length === 0 && <Waiting />}
          {Array.from({ length: Math.max(0, upto - from) }, (_, n) => {
            const i = from + n;
            const b = s.rows[i];
            return b ? (
              <Row key={b.id} booth={b} index={i} now={now} here={b.id === cursor} left={s.gone.has(b.id) || (s.phase === 'whole' && !matches(s.filter, b))} />
            ) : (
              <div key={i} className="grid-row grid-wait" style={{ transform: `translateY(${i * rowHeight}px)` }} />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Waiting() {
  return (
    <>
      {Array.from({ length: 14 }, (_, i) => (
        <div key={i} className="grid-row grid-wait" style={{ transform: `translateY(${i * rowHeight}px)` }} />
      ))}
    </>
  );
}

// useKeys moves the cursor with the keys that every table has; Enter opens the booth.
function useKeys(s: Rows, body: React.RefObject<HTMLDivElement | null>, cursor: string, set: (id: string) => void): (e: KeyboardEvent) => void {
  useEffect(() => {
    if (cursor && !s.at.has(cursor) && s.phase === 'whole') set('');
  }, [s, cursor, set]);
  return (e) => {
    const el = body.current;
    if (!el || e.target !== el) return;
    const page = Math.max(1, Math.floor(el.clientHeight / rowHeight) - 1);
    const i = cursor ? (s.at.get(cursor) ?? -1) : -1;
    const to: Record<string, number> = { ArrowDown: i + 1, ArrowUp: i - 1, PageDown: i + page, PageUp: i - page, Home: 0, End: s.rows.length - 1, j: i + 1, k: i - 1 };
    if (e.key === 'Enter' && cursor) return go(`booths/${encodeURIComponent(cursor)}`);
    const wish = to[e.key];
    if (wish === undefined || s.rows.length === 0 || e.metaKey || e.ctrlKey || e.altKey) return;
    e.preventDefault();
    const at = Math.max(0, Math.min(s.rows.length - 1, wish));
    const b = s.rows[at];
    if (b) set(b.id);
    if (at * rowHeight < el.scrollTop) el.scrollTop = at * rowHeight;
    if ((at + 1) * rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = (at + 1) * rowHeight - el.clientHeight;
  };
}
