import type { Anomaly, Incident, IncidentConfig } from '@logbert/contracts';
import { z } from 'zod';
import { type AnomalyTrace, anomalyTraceSchema, traceOf } from './anomaly-trace';
import { SnapshotFailure } from './detection-failures';
import type { Fingerprint } from './fingerprint';
import {
  extendGroup,
  groupOf,
  groupOfIncident,
  type IncidentGroup,
  incidentGroupSchema,
  incidentOf,
  relatedness,
} from './incident-group';

/** Anomalies that may wait for company at once; the oldest give way. */
const MAX_PENDING_GROUPS = 200;
const MAX_PENDING_ANOMALIES = 100;
/** Window keys that are remembered with their incident, so that the pieces of one long session stay together. */
const MAX_WINDOW_KEYS = 5_000;
const MAX_SERVICES = 500;
/** Incidents that were closed lately, within the time that a minute with unusual rates takes to be told. */
const MAX_CLOSED_LATELY = 50;
const CLOSED_LATELY_MS = 180_000;

const grouperSnapshotSchema = z
  .object({
    version: z.literal(1),
    pending: z
      .array(
        z.object({
          group: incidentGroupSchema,
          traces: z.array(anomalyTraceSchema),
        }),
      )
      .max(MAX_PENDING_GROUPS),
    incidents: z.array(z.object({ id: z.string(), group: incidentGroupSchema })),
    windowKeys: z.array(z.tuple([z.string(), z.string()])).max(MAX_WINDOW_KEYS),
    services: z.array(z.string()).max(MAX_SERVICES),
    /** Absent in what older versions kept. */
    closedLately: z.array(incidentGroupSchema).max(MAX_CLOSED_LATELY).optional(),
  })
  .readonly();

/** What a grouper carries from one anomaly to the next, as JSON. */
export type GrouperSnapshot = z.infer<typeof grouperSnapshotSchema>;

/** What becomes of an anomaly. */
export type GroupingDecision =
  /** It waits: alone it is not worth a person's attention. */
  | { readonly kind: 'pending'; readonly evidence: number }
  | {
      /** A new incident, or one more anomaly (and those that waited for it) of a known one. */
      readonly kind: 'opened' | 'extended';
      readonly incident: Incident;
      readonly fingerprint: Fingerprint;
      /** Anomalies that belong to the incident from now on. */
      readonly anomalyIds: readonly string[];
    };

interface PendingGroup {
  group: IncidentGroup;
  traces: AnomalyTrace[];
}

/**
 * Makes incidents of the anomalies of one stream.
 *
 * A single borderline anomaly is no incident: it waits until related ones bring the evidence, Σ −log10 p, up to
 * `openAtEvidence`, and is forgotten after `idleMs` without company. See `relatedness` for what belongs together.
 * Deterministic: the same anomalies in the same order give the same incidents.
 */
export class IncidentGrouper {
  private pending: PendingGroup[] = [];
  private readonly groups = new Map<string, IncidentGroup>();
  private readonly windowKeys = new Map<string, string>();
  private readonly services = new Set<string>();
  private closedLately: IncidentGroup[] = [];

  constructor(private readonly settings: IncidentConfig) {}

  /** @throws SnapshotFailure when the value is not what `snapshot` gave */
  static restore(snapshot: unknown, settings: IncidentConfig): IncidentGrouper {
    const answer = grouperSnapshotSchema.safeParse(snapshot);
    if (!answer.success) {
      throw new SnapshotFailure('the state of the incident grouper cannot be read', {
        cause: answer.error,
      });
    }
    const grouper = new IncidentGrouper(settings);
    const { pending, incidents, windowKeys, services } = answer.data;
    grouper.pending = pending.map(({ group, traces }) => ({ group, traces: [...traces] }));
    for (const { id, group } of incidents) grouper.groups.set(id, group);
    for (const [key, id] of windowKeys) grouper.windowKeys.set(key, id);
    for (const service of services) grouper.services.add(service);
    grouper.closedLately = [...(answer.data.closedLately ?? [])];
    return grouper;
  }

  snapshot(): GrouperSnapshot {
    return {
      version: 1,
      pending: this.pending.map(({ group, traces }) => ({ group, traces: [...traces] })),
      incidents: [...this.groups].map(([id, group]) => ({ id, group })),
      windowKeys: [...this.windowKeys],
      services: [...this.services],
      closedLately: [...this.closedLately],
    };
  }

  /**
   * Decides where an anomaly belongs.
   *
   * @param open all open incidents of the stream, as they are now
   * @param newId id of the incident, should this anomaly open one
   */
  add(anomaly: Anomaly, open: readonly Incident[], newId: string): GroupingDecision {
    this.noteServices(anomaly);
    this.forgetClosed(open);
    const trace = traceOf(anomaly, this.services);
    const joined = this.findIncident(trace, open);
    if (joined) {
      const group = extendGroup(this.groupFor(joined), trace);
      return this.announce('extended', group, [trace], joined, joined);
    }

    if (this.isAftermath(trace)) return { kind: 'pending', evidence: 0 };
    const waiting = this.findPending(trace);
    const isRepeated = waiting?.traces.some(({ anomalyId }) => anomalyId === trace.anomalyId);
    if (waiting && isRepeated) return { kind: 'pending', evidence: waiting.group.evidence };
    const group = waiting ? extendGroup(waiting.group, trace) : groupOf(trace);
    const traces = [...(waiting?.traces ?? []), trace].slice(-MAX_PENDING_ANOMALIES);
    if (group.evidence >= this.settings.openAtEvidence) {
      this.pending = this.pending.filter((other) => other !== waiting);
      return this.announce('opened', group, traces, { id: newId, stream: anomaly.stream });
    }
    if (waiting) Object.assign(waiting, { group, traces });
    else this.pending = [...this.pending, { group, traces }].slice(-MAX_PENDING_GROUPS);
    return { kind: 'pending', evidence: group.evidence };
  }

  /** Takes anomalies back that wait for company, so that they are no evidence any more; those of incidents stay. */
  retract(anomalyIds: ReadonlySet<string>): void {
    this.pending = this.pending.flatMap((waiting) => {
      const traces = waiting.traces.filter(({ anomalyId }) => !anomalyIds.has(anomalyId));
      const [first, ...others] = traces;
      if (traces.length === waiting.traces.length) return [waiting];
      return first ? [{ group: others.reduce(extendGroup, groupOf(first)), traces }] : [];
    });
  }

  /** Whether `closeIdle` would end any of the incidents; alters nothing. */
  hasIdle(nowMs: number, open: readonly Incident[]): boolean {
    return open.some((incident) => nowMs - this.seenAtOf(incident) >= this.settings.idleMs);
  }

  /**
   * Ends what has been silent for `idleMs`.
   *
   * @param nowMs the present, epoch milliseconds. Silence is counted from the detection of the last anomaly, so that old
   *   logs read today do not close at once.
   * @returns the incidents that are closed by this, in their final state
   */
  closeIdle(nowMs: number, open: readonly Incident[]): readonly Incident[] {
    const { idleMs } = this.settings;
    this.forgetClosed(open);
    this.pending = this.pending.filter(({ group }) => nowMs - group.seenAt < idleMs);
    const closed: Incident[] = [];
    for (const incident of open) {
      if (nowMs - this.seenAtOf(incident) < idleMs) continue;
      this.closedLately.push(this.groupFor(incident));
      this.groups.delete(incident.id);
      closed.push({ ...incident, state: 'closed', closedAt: nowMs });
    }
    this.closedLately = this.closedLately
      .filter((group) => nowMs - group.seenAt < CLOSED_LATELY_MS)
      .slice(-MAX_CLOSED_LATELY);
    return closed;
  }

  /** Rates are told when their minute is over: of a fault that has passed meanwhile they are no new incident. */
  private isAftermath(trace: AnomalyTrace): boolean {
    if (!trace.isMinute) return false;
    return this.closedLately.some((group) => relatedness(trace, group, 0) > 0);
  }

  private announce(
    kind: 'opened' | 'extended',
    group: IncidentGroup,
    traces: readonly AnomalyTrace[],
    place: { readonly id: string; readonly stream: string },
    before?: Incident,
  ): GroupingDecision {
    this.groups.set(place.id, group);
    for (const { windowKey } of traces) this.noteWindow(windowKey, place.id);
    return {
      kind,
      incident: incidentOf(group, place, before),
      fingerprint: group.fingerprint,
      anomalyIds: traces.map(({ anomalyId }) => anomalyId),
    };
  }

  private findIncident(trace: AnomalyTrace, open: readonly Incident[]): Incident | undefined {
    const sameWindow = this.windowKeys.get(trace.windowKey);
    let best: Incident | undefined;
    let bestScore = 0;
    for (const incident of open) {
      if (incident.id === sameWindow) return incident;
      const score = relatedness(trace, this.groupFor(incident), this.settings.idleMs);
      if (score > bestScore) {
        bestScore = score;
        best = incident;
      }
    }
    return best;
  }

  private findPending(trace: AnomalyTrace): PendingGroup | undefined {
    let best: PendingGroup | undefined;
    let bestScore = 0;
    for (const waiting of this.pending) {
      const score = relatedness(trace, waiting.group, this.settings.idleMs);
      if (score > bestScore) {
        bestScore = score;
        best = waiting;
      }
    }
    return best;
  }

  private seenAtOf(incident: Incident): number {
    return this.groups.get(incident.id)?.seenAt ?? incident.lastSeenAt;
  }

  private groupFor(incident: Incident): IncidentGroup {
    return this.groups.get(incident.id) ?? groupOfIncident(incident);
  }

  private forgetClosed(open: readonly Incident[]): void {
    const ids = new Set(open.map(({ id }) => id));
    for (const id of this.groups.keys()) if (!ids.has(id)) this.groups.delete(id);
  }

  private noteWindow(windowKey: string, incidentId: string): void {
    this.windowKeys.delete(windowKey);
    this.windowKeys.set(windowKey, incidentId);
    const [oldest] = this.windowKeys.keys();
    if (this.windowKeys.size > MAX_WINDOW_KEYS && oldest !== undefined) {
      this.windowKeys.delete(oldest);
    }
  }

  private noteServices({ services }: Anomaly): void {
    for (const service of services) {
      if (this.services.size < MAX_SERVICES) this.services.add(service);
    }
  }
}
