import { useTranslation } from 'react-i18next';
import type { Presence, Standing, Summary } from '../api/wire';
import { count } from '../format';
import { ArrowsClockwiseIcon, UserIcon } from '../icons';
import { Mark } from '../parts/Presence';
import { all, type Filter, isAll } from './filter';

interface Props {
  summary: Summary | undefined;
  filter: Filter;
  set(f: Partial<Filter>): void;
}

// Cards say at a glance how the fleet is. Each is also the way to the booths it counts.
export function Cards({ summary: s, filter, set }: Props) {
  const { t } = useTranslation();
  const presence = (p: Presence) => (
    <Card
      n={s?.presence[p] ?? (s ? 0 : undefined)}
      label={t(`presence.${p}`)}
      icon={<Mark presence={p} />}
      kind={p}
      on={filter.presence === p}
      press={() => set({ presence: filter.presence === p ? '' : p })}
    />
  );
  const standing = (k: Standing) => (
    <Card
      n={s?.standing[k] ?? (s ? 0 : undefined)}
      label={t(`standing.${k}`)}
      icon={<Mark presence="unknown" standing={k} />}
      kind={k}
      on={filter.standing === k}
      press={() => set({ standing: filter.standing === k ? '' : k })}
    />
  );
  return (
    <section className="cards" aria-label={t('list.cards')}>
      <Card n={s?.total} label={t('list.all')} kind="all" on={isAll(filter)} press={() => set(all)} />
      {presence('online')}
      {presence('offline')}
      {presence('unknown')}
      <Card n={s?.drifting} label={t('list.drift')} icon={<ArrowsClockwiseIcon size={15} weight="bold" />} kind="drift" on={filter.drift} press={() => set({ drift: !filter.drift })} />
      {standing('quarantined')}
      {standing('retired')}
      <Card n={s?.visiting} label={t('list.visiting')} icon={<UserIcon size={15} weight="fill" />} kind="visiting" />
    </section>
  );
}

interface CardProps {
  n: number | undefined;
  label: string;
  icon?: React.ReactNode;
  kind: string;
  on?: boolean;
  press?(): void;
}

function Card({ n, label, icon, kind, on = false, press }: CardProps) {
  const { i18n } = useTranslation();
  const inner = (
    <>
      <span>
        {icon}
        {label}
      </span>
      <b>{n === undefined ? '–' : count(n, i18n.language)}</b>
    </>
  );
  const name = `sum sum-${kind} ${n === 0 ? 'sum-zero' : ''}`;
  if (!press) return <div className={name}>{inner}</div>;
  return (
    <button type="button" className={name} aria-pressed={on} onClick={press}>
      {inner}
    </button>
  );
}
