import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Booth } from '../api/wire';
import { ago, number, placeOf } from '../format';
import { ArrowsClockwiseIcon, PhoneIcon, PhoneDisconnectIcon, UserIcon } from '../icons';
import { State } from '../parts/Presence';
import { go, useLinkTo } from '../route';
import { districtName } from '../words';
import { rowHeight } from './Grid';

export const columns = ['state', 'name', 'place', 'group', 'visit', 'drift', 'temp', 'sip', 'fw', 'seen'] as const;

const hot = 70; // degrees from which a booth's board is too warm

interface Props {
  booth: Booth;
  index: number;
  now: number;
  here: boolean;
  left: boolean; // no longer what was looked for
}

export const Row = memo(function Row({ booth: b, index, now, here, left }: Props) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  const to = `booths/${encodeURIComponent(b.id)}`;
  const link = useLinkTo(to);
  const live = b.presence === 'online' && b.standing === 'in_service';
  return (
    <div
      id={`row-${b.id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={here}
      className={`grid-row ${left ? 'grid-left' : ''} ${live ? '' : 'grid-still'}`}
      style={{ transform: `translateY(${index * rowHeight}px)` }}
      title={left ? t('list.left') : undefined}
      onClick={(e) => {
        // A click anywhere in the row opens the booth, unless words are being marked.
        if (!e.defaultPrevented && getSelection()?.isCollapsed !== false) go(to);
      }}
    >
      <span role="gridcell" className="col-state">
        <State booth={b} now={now} />
      </span>
      <span role="gridcell" className="col-name">
        <a {...link} tabIndex={-1}>
          {b.name || b.id}
        </a>
        {b.name && <code>{b.id}</code>}
      </span>
      <span role="gridcell" className="col-place" title={placeOf(b, lang)}>
        {b.district && <b>{districtName(t, b.district)}</b>} {placeOf(b, lang)}
      </span>
      <span role="gridcell" className="col-group">
        {b.group}
      </span>
      <span role="gridcell" className="col-visit">
        {b.visit && live && (
          <span className="lamp" title={t('list.visitNow')}>
            <UserIcon size={13} weight="fill" /> {t('list.inUse')}
          </span>
        )}
      </span>
      <span role="gridcell" className="col-drift">
        {b.drift > 0 && (
          <span className="drift" title={t('list.driftN', { n: b.drift })}>
            <ArrowsClockwiseIcon size={13} weight="bold" /> {b.drift}
          </span>
        )}
      </span>
      <span role="gridcell" className={`col-temp ${b.pulse && b.pulse.temp_c >= hot ? 'hot' : ''}`}>
        {b.pulse && b.pulse.temp_c !== 0 && `${number(Math.round(b.pulse.temp_c))} °C`}
      </span>
      <span role="gridcell" className="col-sip">
        {b.pulse && <Line up={b.pulse.sip === 'up'} />}
      </span>
      <span role="gridcell" className="col-fw" title={b.fw}>
        {b.fw}
      </span>
      <span role="gridcell" className="col-seen">
        {b.last_seen_ms > 0 ? ago(now - b.last_seen_ms, lang) : t('list.never')}
      </span>
    </div>
  );
});

function Line({ up }: { up: boolean }) {
  const { t } = useTranslation();
  return up ? (
    <span className="sip">
      <PhoneIcon size={13} /> {t('list.sipUp')}
    </span>
  ) : (
    <span className="sip hot">
      <PhoneDisconnectIcon size={13} /> {t('list.sipDown')}
    </span>
  );
}
