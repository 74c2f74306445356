import type { IncidentConfig } from '@logbert/contracts';
import type { IncidentRepository } from '@logbert/database';
import { IncidentGrouper } from '@logbert/detection';
import { Inject, Injectable } from '@nestjs/common';
import { INCIDENT_CONFIG } from '../config/config.module';

interface KeptGrouper {
  readonly revision: string;
  readonly grouper: IncidentGrouper;
}

/** Streams whose grouper stays in memory. */
const MAX_KEPT = 100;

/**
 * The groupers of streams. What they know is in the database; it is read from there again only when another process, or a
 * transaction that came to nothing, has left something else there than what this process saved last.
 */
@Injectable()
export class GrouperKeeper {
  private readonly kept = new Map<string, KeptGrouper>();

  constructor(@Inject(INCIDENT_CONFIG) private readonly config: IncidentConfig) {}

  /** To be used by whoever holds the lock of the stream. */
  async load(stream: string, incidents: IncidentRepository): Promise<IncidentGrouper> {
    const kept = this.kept.get(stream);
    // Whoever has it alters it: without being saved it is no longer what the database has.
    this.kept.delete(stream);
    const revision = await incidents.pendingRevision(stream);
    if (revision === undefined) return new IncidentGrouper(this.config);
    if (kept?.revision === revision) return kept.grouper;
    return IncidentGrouper.restore(await incidents.pending(stream), this.config);
  }

  async save(
    stream: string,
    grouper: IncidentGrouper,
    incidents: IncidentRepository,
    nowMs: number,
  ): Promise<void> {
    const revision = await incidents.savePending(stream, grouper.snapshot(), nowMs);
    if (revision === undefined) return;
    this.kept.set(stream, { revision, grouper });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
