import type { Incident, RcaConfig } from '@logbert/contracts';
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
/** Share of the time that the reports of one open incident may take: a large one that grows all the time is looked at less often. */
const REPORTING_SHARE = 0.05;
const LONGEST_REST_MS = 60_000;
/** Open incidents of which it is remembered when and at what they were looked at: one may be closed by another process. */
const MAX_REMEMBERED = 1_000;

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
  private readonly working = new Set<Promise<void>>();
  private subscription: Subscription | undefined;

  constructor(
    @Inject(DATABASE) private readonly database: ReportedIncidents,
    @Inject(RCA_CONFIG) private readonly config: RcaConfig,
    private readonly changes: IncidentChanges,
    private readonly rca: RcaService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.subscription = this.changes.all.subscribe((change) => this.notice(change));
    for (const incident of await this.database.repositories.incidents.open()) {
      const report = await this.database.repositories.rootCauses.find(incident.id);
      if (report) this.seen.set(incident.id, report.anomalyCount);
      else this.schedule(incident, this.config.settleMs);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.subscription?.unsubscribe();
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
    await Promise.all(this.working);
  }

  private notice({ kind, incident }: IncidentChange): void {
    const seen = this.seen.get(incident.id) ?? 0;
    if (kind === 'closed') {
      this.seen.delete(incident.id);
      this.restUntil.delete(incident.id);
      // What a session brought that was complete meanwhile has not been looked at, either.
      const isDue = incident.anomalyCount !== seen || this.waiting.has(incident.id);
      if (isDue) this.schedule(incident, 0);
    } else if (kind === 'completed' || incident.anomalyCount >= NOTABLE_GROWTH * seen) {
      const restMs = (this.restUntil.get(incident.id) ?? 0) - performance.now();
      this.schedule(incident, Math.max(this.config.settleMs, restMs));
    }
  }

  /** The time runs from the first call, so that an incident that grows all the time is explained too. */
  private schedule({ id }: Incident, inMs: number): void {
    if (this.waiting.has(id) && inMs > 0) return;
    clearTimeout(this.waiting.get(id));
    const timer = setTimeout(() => {
      this.waiting.delete(id);
      const work = this.explain(id).finally(() => this.working.delete(work));
      this.working.add(work);
    }, inMs);
    this.waiting.set(id, timer);
  }

  private async explain(id: string): Promise<void> {
    const startedAt = performance.now();
    try {
      const report = await this.rca.analyse(id);
      const incident = await this.database.repositories.incidents.find(id);
      if (incident?.state === 'open') remember(this.seen, id, report.anomalyCount);
    } catch (error) {
      this.logger.warn(`incident ${id} was not explained: ${String(error)}`);
    } finally {
      const endedAt = performance.now();
      const restMs = Math.min((endedAt - startedAt) / REPORTING_SHARE, LONGEST_REST_MS);
      remember(this.restUntil, id, endedAt + restMs);
    }
  }
}

function remember(map: Map<string, number>, id: string, value: number): void {
  map.delete(id);
  map.set(id, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
