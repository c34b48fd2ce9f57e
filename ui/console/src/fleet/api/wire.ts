// The fleet's REST interface as fleet/httpapi (Go) has it; wire.test.ts holds the two together. Times are ms since 1970.

export type Standing = 'in_service' | 'quarantined' | 'retired';
export type Presence = 'online' | 'offline' | 'unknown';
export const standings: Standing[] = ['in_service', 'quarantined', 'retired'];
export const presences: Presence[] = ['online', 'offline', 'unknown'];

export interface Booth {
  id: string;
  name: string;
  place_zh: string;
  place_en: string;
  district: string;
  group: string;
  note: string;
  lat: number | null;
  lon: number | null;
  standing: Standing;
  presence: Presence;
  since_ms: number;
  last_seen_ms: number;
  fw: string;
  board: string;
  epoch: number;
  skew_ms: number;
  cert_expires_ms: number;
  drift: number;
  visit: boolean;
  pulse: Pulse | null;
  pending: number;
  claimed_ms: number;
  claimed_by: string;
  reason: string;
}

export interface Pulse {
  at_ms: number;
  cpu: number;
  mem_mb: number;
  disk_mb: number;
  temp_c: number;
  sip: string;
  visit: boolean;
  pending: number;
}

export interface Booths {
  booths: Booth[];
  next: string;
  total: number;
}

export interface Summary {
  total: number;
  presence: Record<string, number>;
  standing: Record<string, number>;
  drifting: number;
  visiting: number;
  fw: Record<string, number>;
  groups: string[];
  districts: string[];
}

export interface Point {
  id: string;
  name: string;
  lat: number;
  lon: number;
  presence: Presence;
  standing: Standing;
  drift: number;
}

export interface Points {
  points: Point[];
}

export interface BoothPatch {
  name?: string;
  place_zh?: string;
  place_en?: string;
  district?: string;
  group?: string;
  note?: string;
  lat?: number;
  lon?: number;
}

export interface StandingChange {
  standing: Standing;
  reason: string;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Doc = Record<string, Json>;

export interface Twin {
  version: number;
  desired: Doc | null;
  reported: Doc | null;
  reported_version: number;
  reported_ms: number;
  errors: Record<string, string> | null;
  drift: Drift[] | null;
  actor: string;
  changed_ms: number;
}

export interface Drift {
  field: string;
  desired: Json;
  reported: Json;
  error?: string;
}

export interface TwinChange {
  if_version: number;
  config: Doc;
  note?: string;
}

export interface TwinVersion {
  version: number;
  config: Doc;
  actor: string;
  note: string;
  at_ms: number;
}

export interface TwinVersions {
  versions: TwinVersion[];
  next: string;
}

export const commandNames = ['restart', 'tone', 'message', 'selftest', 'logs', 'mirror'] as const;
export type CommandName = (typeof commandNames)[number];

export const commandStates = ['queued', 'sent', 'accepted', 'running', 'done', 'failed', 'expired', 'rejected', 'cancelled'] as const;
export type CommandState = (typeof commandStates)[number];

export interface NewCommand {
  id?: string;
  cmd: CommandName;
  args?: Doc;
  force?: boolean;
  not_before_ms?: number;
  expires_s?: number;
}

export interface Command {
  id: string;
  booth: string;
  cmd: CommandName;
  args: Doc | null;
  force: boolean;
  state: CommandState;
  result: Doc | null;
  error: string;
  actor: string;
  created_ms: number;
  sent_ms: number;
  changed_ms: number;
  expires_ms: number;
  steps: CommandStep[] | null;
}

export interface CommandStep {
  state: CommandState;
  at_ms: number;
}

export interface Commands {
  commands: Command[];
  next: string;
}

export interface Series {
  name: string;
  points: SeriesPoint[] | null;
}

export interface SeriesPoint {
  at_ms: number;
  min: number;
  max: number;
  mean: number;
  n: number;
}

export interface SeriesSet {
  series: Series[];
  last: Record<string, number> | null;
}

export interface Event {
  id: string;
  booth: string;
  at_ms: number;
  type: string;
  visit: string;
  data: Doc | null;
}

export interface Events {
  events: Event[];
  next: string;
}

export interface Live {
  booth?: Booth;
  command?: Command;
  event?: Event;
  gone?: { Tenant: string; Booth: string };
}

export interface NewClaim {
  code: string;
  id: string;
  name: string;
  place_zh: string;
  place_en: string;
  district: string;
  group: string;
  lat: number | null;
  lon: number | null;
}

export interface NewToken extends NewClaim {
  expires_s?: number;
}

export interface Token {
  token: string;
  expires_ms: number;
}

export interface AuditEntry {
  id: string;
  at_ms: number;
  actor: string;
  action: string;
  booth: string;
  data: Doc | null;
  hash: string;
}

export interface Audit {
  entries: AuditEntry[];
  next: string;
}
