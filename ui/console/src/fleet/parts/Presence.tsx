import { useTranslation } from 'react-i18next';
import type { Booth, Presence, Standing } from '../api/wire';
import { span } from '../format';

// Mark is a shape of its own for each state, so that nobody has to tell colours apart.
export function Mark({ presence, standing = 'in_service', size = 14 }: { presence: Presence; standing?: Standing; size?: number }) {
  const kind = standing === 'in_service' ? presence : standing;
  return (
    <svg className={`mark mark-${kind}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <MarkShape kind={kind} />
    </svg>
  );
}

export function MarkShape({ kind }: { kind: Presence | Standing }) {
  switch (kind) {
    case 'online':
    case 'in_service':
      return <circle cx="8" cy="8" r="6" className="fill" />;
    case 'offline':
      return (
        <>
          <circle cx="8" cy="8" r="5.75" className="line" />
          <path d="M4.4 11.6 11.6 4.4" className="line" />
        </>
      );
    case 'quarantined':
      return (
        <>
          <path d="M8 1.2 15 14H1z" className="fill" />
          <path d="M8 6v4M8 12v.4" className="cut" />
        </>
      );
    case 'retired':
      return <path d="M3 8h10" className="line" />;
    default:
      return <circle cx="8" cy="8" r="5.75" className="line dashed" />;
  }
}

// State says in words how a booth is, and for how long.
export function State({ booth, now }: { booth: Booth; now: number }) {
  const { t, i18n } = useTranslation();
  const odd = booth.standing !== 'in_service';
  return (
    <span className={`state state-${odd ? booth.standing : booth.presence}`}>
      <Mark presence={booth.presence} standing={booth.standing} />
      <b>{t(odd ? `standing.${booth.standing}` : `presence.${booth.presence}`)}</b>
      {!odd && booth.since_ms > 0 && <small>{span(now - booth.since_ms, i18n.language)}</small>}
    </span>
  );
}
