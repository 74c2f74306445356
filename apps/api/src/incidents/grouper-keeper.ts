import type { IncidentConfig } from '@logbert/contracts';
import type { IncidentRepository, PendingState } from '@logbert/database';
import { IncidentGrouper } from '@logbert/detection';
import { Inject, Injectable } from '@nestjs/common';
import { INCIDENT_CONFIG } from '../config/config.module';

/** A grouper, and what was in the database when it was lent: undefined before it was saved for the first time. */
export interface LentGrouper {
  readonly grouper: IncidentGrouper;
  readonly state: PendingState | undefined;
}

/** Of the groupers that stay in memory, as they are stored: compressed to a fifteenth of what they take there or so. */
const MAX_KEPT_BYTES = 2_097_152;
const MAX_KEPT = 200;

/**
 * The groupers of streams. What they know is in the database; it is read from there again only when another process, or a
 * transaction that came to nothing, has left something else there than what this process saved last.
 */
@Injectable()
export class GrouperKeeper {
  private readonly kept = new Map<string, LentGrouper>();

  constructor(@Inject(INCIDENT_CONFIG) private readonly config: IncidentConfig) {}

  /** To be used by whoever holds the lock of the stream. One that is neither saved nor given back is forgotten. */
  async lend(stream: string, incidents: IncidentRepository): Promise<LentGrouper> {
    const kept = this.kept.get(stream);
    this.kept.delete(stream);
    const state = await incidents.pendingState(stream);
    if (!state) return { grouper: new IncidentGrouper(this.config), state };
    if (kept?.state?.revision === state.revision) return kept;
    const snapshot = await incidents.pending(stream);
    return { grouper: IncidentGrouper.restore(snapshot, this.config), state };
  }

  /** Takes one back that nothing has altered. */
  giveBack(stream: string, lent: LentGrouper): void {
    this.kept.set(stream, lent);
    let bytes = 0;
    for (const { state } of this.kept.values()) bytes += state?.bytes ?? 0;
    for (const [oldest, { state }] of this.kept) {
      if (bytes <= MAX_KEPT_BYTES && this.kept.size <= MAX_KEPT) return;
      this.kept.delete(oldest);
      bytes -= state?.bytes ?? 0;
    }
  }

  async save(
    stream: string,
    { grouper }: LentGrouper,
    incidents: IncidentRepository,
    nowMs: number,
  ): Promise<void> {
    const state = await incidents.savePending(stream, grouper.snapshot(), nowMs);
    this.giveBack(stream, { grouper, state });
  }
}
