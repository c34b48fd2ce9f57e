import type { TFunction } from 'i18next';
import type { Json } from '../api/wire';
import { fieldOf } from './fields';

// valueText says a value in the operator's words, with its unit.
export function valueText(t: TFunction, field: string, v: Json | undefined): string {
  const f = fieldOf(field);
  if (v === undefined || v === null) return t('twin.own');
  if (v === '') return t('twin.empty');
  if (typeof v === 'boolean') return t(v ? 'twin.yes' : 'twin.no');
  if (f?.words && f.of?.includes(String(v))) return f.words === 'twin.level' ? t(`twin.level.${v}`) : t(`twin.volume.${v}`);
  if (f?.unit && typeof v === 'number') return `${v} ${unitText(t, f.unit)}`;
  return typeof v === 'string' ? v : JSON.stringify(v);
}

export const unitText = (t: TFunction, unit: 's' | '%' | 'deg'): string => t(`twin.unit.${unit}`);
