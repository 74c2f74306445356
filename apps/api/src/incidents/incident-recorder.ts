import type { Anomaly, IncidentConfig, TemplateCount } from '@logbert/contracts';
import type { CountedLines, Database, PartitionOwner } from '@logbert/database';
import type { NovelTemplate } from '@logbert/pipeline';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { INCIDENT_CONFIG } from '../config/config.module';
import { Meters } from '../metrics/meters';
import { DATABASE } from '../storage/database.token';
import { type IncidentChange, IncidentChanges } from './incident-changes';
import { closeIdleIncidents, groupAnomalies } from './incident-transaction';

/** What a detector found in lines of one stream. */
export interface Findings {
  readonly stream: string;
  readonly anomalies: readonly Anomaly[];
  readonly templateCounts: readonly TemplateCount[];
  /** The lines that the counts are of; undefined when they can not come again. */
  readonly counted?: CountedLines | undefined;
  /** Who found it; undefined where nobody else can. */
  readonly owner?: PartitionOwner | undefined;
  readonly novelTemplates: readonly NovelTemplate[];
}

/** Makes findings durable, groups them into incidents, and tells everybody who follows. */
@Injectable()
export class IncidentRecorder {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(INCIDENT_CONFIG) private readonly config: IncidentConfig,
    private readonly changes: IncidentChanges,
    private readonly meters: Meters,
  ) {}

  /**
   * All of it or nothing. An anomaly that is known already changes nothing, so that lines may come twice.
   *
   * @throws NotOwnerFailure when the partition that it was found in is somebody else's by now
   */
  async record(findings: Findings): Promise<void> {
    const { stream, anomalies, templateCounts, counted, owner, novelTemplates } = findings;
    if (anomalies.length + templateCounts.length + novelTemplates.length === 0) return;
    const changes = await this.database.transaction(
      async (repositories): Promise<readonly IncidentChange[]> => {
        if (owner) await repositories.partitionOwners.hold(owner);
        if (counted) await repositories.templateCounts.addOnce(templateCounts, counted, Date.now());
        else await repositories.templateCounts.add(templateCounts);
        await repositories.templates.upsertNovel(stream, novelTemplates);
        if (anomalies.length === 0) return [];
        await repositories.lockStream(stream);
        const fresh = await repositories.anomalies.record(anomalies);
        if (fresh.length === 0) return [];
        return groupAnomalies(repositories, stream, fresh, this.config);
      },
    );
    this.announce(changes);
  }

  /** Closes the stream's incidents that have been silent for long enough. */
  async closeIdle(stream: string): Promise<void> {
    const changes = await this.database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      return closeIdleIncidents(repositories, stream, this.config);
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
