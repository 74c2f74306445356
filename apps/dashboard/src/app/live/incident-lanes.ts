import type { Incident } from '@logbert/contracts';

/** Lanes that incidents are drawn in; more at once share the last one. */
export const MOST_LANES = 4;

export interface LaneEntry {
  readonly incident: Incident;
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 is the lowest. */
  readonly lane: number;
}

/** Gives each incident the lowest lane that is free while it lasts; an open one lasts until now. */
export function lanesOf(
  incidents: readonly Incident[],
  fromMs: number,
  nowMs: number,
): readonly LaneEntry[] {
  const freeFrom: number[] = [];
  const entries: LaneEntry[] = [];
  for (const incident of [...incidents].sort((a, b) => a.openedAt - b.openedAt)) {
    const end = incident.state === 'open' ? nowMs : incident.lastSeenAt;
    if (end < fromMs) continue;
    const begin = Math.max(fromMs, incident.openedAt);
    const free = freeFrom.findIndex((time) => time <= begin);
    const lane = free === -1 ? Math.min(freeFrom.length, MOST_LANES - 1) : free;
    freeFrom[lane] = Math.max(end, freeFrom[lane] ?? 0);
    entries.push({ incident, fromMs: begin, toMs: end, lane });
  }
  return entries;
}
