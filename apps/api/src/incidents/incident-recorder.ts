import type { Anomaly, AnomalyHead, TemplateCount } from '@logbert/contracts';
import type { CountedLines, Database, PartitionOwner, Settlement } from '@logbert/database';
import type { NovelTemplate } from '@logbert/pipeline';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { GrouperKeeper } from './grouper-keeper';
import { type IncidentChange, IncidentChanges } from './incident-changes';
import { closeIdleIncidents, groupAnomalies } from './incident-transaction';

/** What a detector found in lines of one stream. */
export interface Findings {
  readonly stream: string;
  readonly anomalies: readonly Anomaly[];
  /** Final verdicts on anomalies of these lines or earlier ones. */
  readonly settlements?: readonly Settlement[] | undefined;
  readonly templateCounts: readonly TemplateCount[];
  /** The lines that the counts are of; undefined when they can not come again. */
  readonly counted?: CountedLines | undefined;
  /** Who found it; undefined where nobody else can. */
  readonly owner?: PartitionOwner | undefined;
  readonly novelTemplates: readonly NovelTemplate[];
}

interface Changed {
  readonly changes: readonly IncidentChange[];
  readonly settled: readonly AnomalyHead[];
}

const NOTHING_CHANGED: Changed = { changes: [], settled: [] };

/** Makes findings durable, groups them into incidents, and tells everybody who follows. */
@Injectable()
export class IncidentRecorder {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly groupers: GrouperKeeper,
    private readonly changes: IncidentChanges,
    private readonly meters: Meters,
  ) {}

  /**
   * All of it or nothing. An anomaly that is known, a session that is closed and a verdict that is final already change nothing,
   * so that lines may come twice.
   *
   * @throws NotOwnerFailure when the partition that it was found in is somebody else's by now
   */
  async record(findings: Findings): Promise<void> {
    const { stream, anomalies, settlements = [], templateCounts, counted, owner } = findings;
    const { novelTemplates } = findings;
    const found = anomalies.length + settlements.length;
    if (found + templateCounts.length + novelTemplates.length === 0) return;
    const { changes, settled } = await this.database.transaction(
      async (repositories): Promise<Changed> => {
        if (owner) await repositories.partitionOwners.hold(owner);
        // Before the templates: whoever holds the stream may be about to replace them.
        if (found > 0) await repositories.lockStream(stream);
        if (counted) await repositories.templateCounts.addOnce(templateCounts, counted, Date.now());
        else await repositories.templateCounts.add(templateCounts);
        await repositories.templates.upsertNovel(stream, novelTemplates);
        if (found === 0) return NOTHING_CHANGED;
        const fresh = await repositories.anomalies.record(anomalies);
        const closed = await repositories.anomalies.close(anomalies);
        const settled = await repositories.anomalies.settle(settlements);
        if (fresh.length + closed.length + settled.length === 0) return NOTHING_CHANGED;
        const tools = { repositories, groupers: this.groupers, stream };
        return { changes: await groupAnomalies(tools, { fresh, closed, settled }), settled };
      },
    );
    this.announce(changes);
    for (const { verdict } of settled) {
      this.meters.count(METRICS.anomaliesSettled, { stream, outcome: verdict.state });
    }
  }

  /** Closes the stream's incidents that have been silent for long enough. */
  async closeIdle(stream: string): Promise<void> {
    const changes = await this.database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      return closeIdleIncidents({ repositories, groupers: this.groupers, stream });
    });
    this.announce(changes);
  }

  private announce(changes: readonly IncidentChange[]): void {
    for (const change of changes) {
      this.changes.tell(change);
      if (change.kind !== 'opened') continue;
      const { stream, severity } = change.incident;
      this.meters.count(METRICS.incidentsOpened, { stream, severity });
    }
  }
}
