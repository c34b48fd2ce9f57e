// What can be set on a booth from afar, and within which limits: the same as fleet.Settings, which has the last word. fields.test.ts holds
// the two together.

export type Kind = 'text' | 'whole' | 'number' | 'bool' | 'choice';

export interface Field {
  name: string;
  group: 'place' | 'use' | 'screen' | 'report' | 'geo';
  kind: Kind;
  least?: number;
  most?: number; // of a text: characters
  unit?: 's' | '%' | 'deg';
  of?: string[];
  words?: string; // where the choices have words
}

export const fields: Field[] = [
  { name: 'name_zh', group: 'place', kind: 'text', most: 40 },
  { name: 'name_en', group: 'place', kind: 'text', most: 60 },
  { name: 'address_zh', group: 'place', kind: 'text', most: 120 },
  { name: 'address_en', group: 'place', kind: 'text', most: 160 },
  { name: 'notice_zh', group: 'place', kind: 'text', most: 80 },
  { name: 'notice_en', group: 'place', kind: 'text', most: 120 },
  { name: 'out_of_order', group: 'use', kind: 'bool' },
  { name: 'idle_s', group: 'use', kind: 'whole', least: 30, most: 600, unit: 's' },
  { name: 'volume_step', group: 'use', kind: 'choice', of: ['0', '1', '2', '3'], words: 'twin.volume', least: 0, most: 3 },
  { name: 'brightness', group: 'screen', kind: 'whole', least: 5, most: 100, unit: '%' },
  { name: 'heartbeat_s', group: 'report', kind: 'whole', least: 5, most: 3600, unit: 's' },
  { name: 'telemetry_s', group: 'report', kind: 'whole', least: 5, most: 3600, unit: 's' },
  { name: 'spread_s', group: 'report', kind: 'whole', least: 0, most: 600, unit: 's' },
  { name: 'log_level', group: 'report', kind: 'choice', of: ['debug', 'info', 'warn', 'error'], words: 'twin.level' },
  { name: 'lat_deg', group: 'geo', kind: 'number', least: -90, most: 90, unit: 'deg' },
  { name: 'lon_deg', group: 'geo', kind: 'number', least: -180, most: 180, unit: 'deg' },
];

export const groups = ['place', 'use', 'screen', 'report', 'geo'] as const;
export const fieldOf = (name: string): Field | undefined => fields.find((f) => f.name === name);
