import type { Anomaly, AnomalyLine, Evidence, Incident, TemplateCount } from '@logbert/contracts';

/** All that is known about an incident when its cause is sought. */
export interface RootCauseInput {
  readonly incident: Incident;
  readonly anomalies: readonly Anomaly[];
  /** Template counts since the incident began. */
  readonly current: readonly TemplateCount[];
  /** Template counts of the time before it. */
  readonly baseline: readonly TemplateCount[];
  /** Lengths of the two times. */
  readonly currentMs: number;
  readonly baselineMs: number;
  readonly templateText: (templateId: string) => string | undefined;
  /** Earlier incidents that looked alike. */
  readonly similar: readonly Incident[];
}

/** Evidence before it has a number. */
export type EvidenceDraft = Omit<Evidence, 'id'>;

/**
 * What an abnormal line is in the story of its session: a thing of its own; a report of another service's failure; an echo
 * of a failure that another service had before; or the place at which it shows that a line is missing.
 */
export type LineRole = 'own' | 'report' | 'echo' | 'gap';

/** A line that made its window odd. */
export interface AbnormalLine {
  readonly line: AnomalyLine;
  readonly anomalyId: string;
  /** The service it speaks against: for a report the one it names, else the one that wrote it. */
  readonly blamed: string;
  readonly role: LineRole;
}

/** How much a line says about the service it speaks against, by its role. */
export const ROLE_FACTORS: Readonly<Record<LineRole, number>> = {
  own: 1,
  report: 0.5,
  echo: 0.3,
  gap: 0.3,
};

export function isError({ level }: AnomalyLine): boolean {
  return level === 'error' || level === 'fatal';
}

/** Whether the line shows that something went wrong, not only that it was unexpected. */
export function isFailure(line: AnomalyLine): boolean {
  return isError(line) || line.isNovel;
}

export function round(value: number, digits = 3): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** A share as people write it. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 99.95 || value < 10 ? round(value, 1) : Math.round(value)} %`;
}
