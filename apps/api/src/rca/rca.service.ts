import type { RootCauseReport } from '@logbert/contracts';
import { gatherEvidence, rankCauses } from '@logbert/root-cause';
import { METRICS } from '@logbert/telemetry';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Meters } from '../metrics/meters';
import { NotFoundFailure } from '../problems/request-failure';
import { EvidenceReader } from './evidence-reader';
import { Narrator } from './narrator';
import { ReportKeeper } from './report-keeper';

interface Work {
  readonly abort: AbortController;
  /** The prose that is being written. */
  done: Promise<void>;
}

/** Explains incidents: computed evidence and ranked causes at once, prose when a language model has written it. */
@Injectable()
export class RcaService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('RootCause');
  private readonly narrations = new Map<string, Work>();

  constructor(
    private readonly evidence: EvidenceReader,
    private readonly keeper: ReportKeeper,
    private readonly narrator: Narrator,
    private readonly meters: Meters,
  ) {}

  async get(incidentId: string): Promise<RootCauseReport> {
    const report = await this.keeper.find(incidentId);
    if (report) return report;
    await this.keeper.incident(incidentId);
    throw new NotFoundFailure('root-cause report of the incident', incidentId);
  }

  /** Writes the report anew. It is whole when this resolves; its prose follows. */
  async analyse(incidentId: string): Promise<RootCauseReport> {
    const startedAt = performance.now();
    const incident = await this.keeper.incident(incidentId);
    this.narrations.get(incidentId)?.abort.abort();

    const evidence = gatherEvidence(await this.evidence.read(incident));
    const report: RootCauseReport = {
      incidentId,
      createdAt: Date.now(),
      anomalyCount: incident.anomalyCount,
      evidence,
      causes: rankCauses(evidence),
      narrative: null,
      narrativeState: this.narrator.isConfigured ? 'pending' : 'not-configured',
      narrativeError: null,
    };
    await this.keeper.save(report, incident.stream);
    if (!this.narrator.isConfigured) {
      this.measure(report, startedAt);
      return report;
    }

    const work: Work = { abort: new AbortController(), done: Promise.resolve() };
    this.narrations.set(incidentId, work);
    work.done = this.narrator
      .narrate(report, incident, work.abort.signal)
      .then(async (narrated) => {
        // A newer report of the same incident has taken over.
        if (work.abort.signal.aborted) return;
        await this.keeper.save(narrated, incident.stream);
        this.measure(narrated, startedAt);
      })
      .catch((error: unknown) => this.logger.warn(`the prose was not kept: ${String(error)}`))
      .finally(() => {
        if (this.narrations.get(incidentId) === work) this.narrations.delete(incidentId);
      });
    return report;
  }

  async beforeApplicationShutdown(): Promise<void> {
    const open = [...this.narrations.values()];
    for (const { abort } of open) abort.abort();
    await Promise.all(open.map(({ done }) => done));
  }

  private measure({ narrativeState }: RootCauseReport, startedAt: number): void {
    this.meters.count(METRICS.rcaReports, { narrative: narrativeState });
    this.meters.observe(METRICS.rcaSeconds, (performance.now() - startedAt) / 1_000);
  }
}
