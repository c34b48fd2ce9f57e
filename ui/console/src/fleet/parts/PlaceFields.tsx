import { AutoComplete, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { summary } from '../api/fleet';
import { districtName, districtNames } from '../words';

// Place is who a booth is and where it stands, as it is typed.
export interface Place {
  name: string;
  place_zh: string;
  place_en: string;
  district: string;
  group: string;
  lat: string;
  lon: string;
}

export const noPlace: Place = { name: '', place_zh: '', place_en: '', district: '', group: '', lat: '', lon: '' };

// position reads the two coordinates; null when both are empty, undefined when they make no sense.
export function position(p: Place): { lat: number; lon: number } | null | undefined {
  if (!p.lat.trim() && !p.lon.trim()) return null;
  const lat = Number(p.lat);
  const lon = Number(p.lon);
  if (!p.lat.trim() || !p.lon.trim() || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return undefined;
  return { lat, lon };
}

interface Props {
  value: Place;
  set(some: Partial<Place>): void;
  trouble?: boolean; // coordinates that make no sense are said aloud
}

export function PlaceFields({ value: v, set, trouble = false }: Props) {
  const { t } = useTranslation();
  const sums = useQuery({ queryKey: ['summary'], queryFn: ({ signal }) => summary(signal) });
  const names = [...new Set([...districtNames(), ...(sums.data?.districts ?? [])])].filter(Boolean).map((d) => ({ value: districtName(t, d), kept: d }));
  const wrong = trouble && position(v) === undefined;
  return (
    <>
      <div className="pair">
        <Text label={t('booth.placeZh')} value={v.place_zh} set={(place_zh) => set({ place_zh })} max={40} />
        <Text label={t('booth.placeEn')} value={v.place_en} set={(place_en) => set({ place_en })} max={60} />
      </div>
      <div className="pair">
        <label className="field">
          <span>{t('booth.district')}</span>
          <AutoComplete
            value={districtName(t, v.district)}
            options={names}
            showSearch={{ filterOption: (text, o) => (o?.value ?? '').toLowerCase().includes(text.toLowerCase()) }}
            onChange={(text: string) => set({ district: names.find((n) => n.value === text)?.kept ?? text })}
          />
        </label>
        <label className="field">
          <span>{t('booth.group')}</span>
          <AutoComplete
            value={v.group}
            options={(sums.data?.groups ?? []).filter(Boolean).map((value) => ({ value }))}
            showSearch={{ filterOption: (text, o) => (o?.value ?? '').toLowerCase().includes(text.toLowerCase()) }}
            onChange={(group: string) => set({ group })}
          />
        </label>
      </div>
      <div className="pair">
        <Text label={t('booth.lat')} hint={t('claim.example', { x: '31.2272' })} value={v.lat} set={(lat) => set({ lat })} max={20} bad={wrong} digits />
        <Text label={t('booth.lon')} hint={t('claim.example', { x: '121.4921' })} value={v.lon} set={(lon) => set({ lon })} max={20} bad={wrong} digits />
      </div>
      {wrong && <p className="trouble">{t('booth.bothLatLon')}</p>}
    </>
  );
}

interface TextProps {
  label: string;
  hint?: string;
  value: string;
  set(v: string): void;
  max: number;
  bad?: boolean;
  digits?: boolean;
}

export function Text({ label, hint, value, set, max, bad = false, digits = false }: TextProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <Input value={value} maxLength={max} placeholder={hint} inputMode={digits ? 'decimal' : undefined} status={bad ? 'error' : undefined} onChange={(e) => set(e.target.value)} />
    </label>
  );
}
