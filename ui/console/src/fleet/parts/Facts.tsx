import i18next, { type TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Doc, Json } from '../api/wire';
import { languageName, lasting, when } from '../format';
import { districtName, known } from '../words';

// Facts shows a small document on one line. What has no words here is shown as the wire calls it: a newer booth may say more.
export function Facts({ data }: { data: Doc | null }) {
  const { t } = useTranslation();
  const rows = Object.entries(data ?? {}).filter(([, v]) => v !== null && v !== '' && v !== false && !(Array.isArray(v) && v.length === 0));
  return (
    <span className="facts-line">
      {rows.map(([k, v]) => {
        const said = value(t, k, v);
        return (
          <span key={k} title={`${k}: ${JSON.stringify(v)}`}>
            <i>{known(t, 'fact', k)}</i> {v === true ? '✓' : said}
          </span>
        );
      })}
    </span>
  );
}

const groups: Record<string, string> = { cmd: 'cmd', standing: 'standing', outcome: 'outcome', cause: 'cause', kind: 'visits.call', how: 'visits', tasks: 'task' };

function value(t: TFunction, key: string, v: Json): string {
  const group = groups[key];
  if (Array.isArray(v)) return v.map((x) => value(t, key, x)).join(', ');
  if (key === 'district' && typeof v === 'string') return districtName(t, v);
  if (key === 'lang' && typeof v === 'string') return languageName(v, i18next.language);
  if (key.endsWith('_ms') && typeof v === 'number' && v > 1e12) return when(v, i18next.language);
  if (v !== null && typeof v === 'object' && !Array.isArray(v)) return Object.entries(v).map(([k, x]) => `${key === 'config' ? known(t, 'twin.name', k) : k} ${value(t, k, x)}`).join(', ');
  if (key === 'ms' && typeof v === 'number') return lasting(v);
  if (typeof v === 'string') return group ? known(t, group, v) : v;
  return JSON.stringify(v);
}
