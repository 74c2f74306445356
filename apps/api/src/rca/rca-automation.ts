import type { RcaConfig } from '@logbert/contracts';
import type { IncidentRepository, RootCauseRepository } from '@logbert/database';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { RCA_CONFIG } from '../config/config.module';
import { type IncidentChange, IncidentChanges } from '../incidents/incident-changes';
import { DATABASE } from '../storage/database.token';
import { RcaService } from './rca.service';

/** An incident is looked at again when it has so many times the anomalies that its report has seen. */
const NOTABLE_GROWTH = 1.5;
/** Share of the time that the reports of one open incident may take, as long as it need not rest longer than that. */
const REPORTING_SHARE = 0.05;
const LONGEST_REST_MS = 60_000;
/** Open incidents of which it is remembered when and at what they were looked at: one may be closed by another process. */
const MAX_REMEMBERED = 1_000;

/** What happened to an incident while it was reported on. */
interface Meanwhile {
  isClosed: boolean;
  isCompleted: boolean;
  /** As it was told last; 0 when nothing was. */
  anomalyCount: number;
}

interface ReportedIncidents {
  readonly repositories: {
    readonly incidents: Pick<IncidentRepository, 'open' | 'find'>;
    readonly rootCauses: Pick<RootCauseRepository, 'find'>;
  };
}

/** Has each incident explained: soon after it opened, when it grew notably, when a session of it is complete, and when it is over. */
@Injectable()
export class RcaAutomation implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('RootCause');
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  /** Anomalies that the report of an open incident has seen. */
  private readonly seen = new Map<string, number>();
  /** When an open incident may be reported on again, by the clock of `performance.now()`. */
  private readonly restUntil = new Map<string, number>();
  /** One report of an incident at a time. */
  private readonly running = new Map<string, Meanwhile>();
  private readonly working = new Set<Promise<void>>();
  private subscription: Subscription | undefined;
  private isStopping = false;

  constructor(
    @Inject(DATABASE) private readonly database: ReportedIncidents,
    @Inject(RCA_CONFIG) private readonly config: RcaConfig,
    private readonly changes: IncidentChanges,
    private readonly rca: RcaService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = this.changes.all.subscribe((change) => this.notice(change));
    for (const { id } of await this.database.repositories.incidents.open()) {
      const report = await this.database.repositories.rootCauses.find(id);
      // One that has a report is looked at again with its next change: what came after the report is not known.
      if (!report) this.schedule(id, this.config.settleMs);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.subscription?.unsubscribe();
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
    await Promise.all(this.working);
  }

  private notice({ kind, incident: { id, anomalyCount } }: IncidentChange): void {
    const running = this.running.get(id);
    if (running) {
      running.isClosed ||= kind === 'closed';
      running.isCompleted ||= kind === 'completed';
      running.anomalyCount = anomalyCount;
    } else if (kind === 'closed') {
      // What a session brought that was complete meanwhile has not been looked at, either.
      const isDue = anomalyCount !== this.seen.get(id) || this.waiting.has(id);
      this.forget(id);
      if (isDue) this.schedule(id, 0);
    } else if (kind === 'completed' || this.hasGrown(id, anomalyCount)) this.scheduleRested(id);
  }

  private hasGrown(id: string, anomalyCount: number): boolean {
    return anomalyCount >= NOTABLE_GROWTH * (this.seen.get(id) ?? 0);
  }

  private forget(id: string): void {
    this.seen.delete(id);
    this.restUntil.delete(id);
  }

  private scheduleRested(id: string): void {
    const restMs = (this.restUntil.get(id) ?? 0) - performance.now();
    this.schedule(id, Math.max(this.config.settleMs, restMs));
  }

  /** The time runs from the first call, so that an incident that grows all the time is explained too. */
  private schedule(id: string, inMs: number): void {
    if (this.isStopping || (this.waiting.has(id) && inMs > 0)) return;
    clearTimeout(this.waiting.get(id));
    const timer = setTimeout(() => {
      this.waiting.delete(id);
      const work = this.explain(id).finally(() => this.working.delete(work));
      this.working.add(work);
    }, inMs);
    this.waiting.set(id, timer);
  }

  private async explain(id: string): Promise<void> {
    const meanwhile: Meanwhile = { isClosed: false, isCompleted: false, anomalyCount: 0 };
    this.running.set(id, meanwhile);
    const startedAt = performance.now();
    let isOpen = true;
    try {
      const report = await this.rca.analyse(id);
      const incident = await this.database.repositories.incidents.find(id);
      isOpen = incident?.state === 'open';
      if (isOpen) remember(this.seen, id, report.anomalyCount);
    } catch (error) {
      this.logger.warn(`incident ${id} was not explained: ${String(error)}`);
    } finally {
      this.running.delete(id);
      const endedAt = performance.now();
      const restMs = Math.min((endedAt - startedAt) / REPORTING_SHARE, LONGEST_REST_MS);
      if (isOpen) remember(this.restUntil, id, endedAt + restMs);
      this.catchUp(id, meanwhile);
    }
  }

  private catchUp(id: string, { isClosed, isCompleted, anomalyCount }: Meanwhile): void {
    if (isClosed) {
      this.forget(id);
      this.schedule(id, 0);
    } else if (isCompleted || (anomalyCount > 0 && this.hasGrown(id, anomalyCount))) {
      this.scheduleRested(id);
    }
  }
}

function remember(map: Map<string, number>, id: string, value: number): void {
  map.delete(id);
  map.set(id, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
