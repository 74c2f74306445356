import type { RootCauseReport } from '@logbert/contracts';
import { eq } from 'drizzle-orm';
import type { Handle } from './handle';
import { rootCauses } from './tables';

export class RootCauseRepository {
  constructor(private readonly handle: Handle) {}

  /** Keeps the report in place of an earlier one of the same incident. */
  async save(report: RootCauseReport): Promise<void> {
    await this.handle
      .insert(rootCauses)
      .values({ incidentId: report.incidentId, document: report })
      .onConflictDoUpdate({ target: rootCauses.incidentId, set: { document: report } });
  }

  async find(incidentId: string): Promise<RootCauseReport | undefined> {
    const [row] = await this.handle
      .select()
      .from(rootCauses)
      .where(eq(rootCauses.incidentId, incidentId));
    return row?.document;
  }
}
