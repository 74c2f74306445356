import type { Page, PageQuery, TrainingJob } from '@logbert/contracts';
import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { Handle } from './handle';
import { afterCursor, toPage } from './keyset';
import { trainingJobs } from './tables';

/** The server's clock, by which every process agrees whose time is over; epoch milliseconds. */
const NOW = sql<number>`floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;

export class TrainingJobRepository {
  constructor(private readonly handle: Handle) {}

  async create(job: TrainingJob): Promise<void> {
    await this.handle.insert(trainingJobs).values(rowOf(job));
  }

  /** Writes the whole job over what is kept of it. */
  async save(job: TrainingJob): Promise<void> {
    const { state, document } = rowOf(job);
    await this.handle
      .insert(trainingJobs)
      .values(rowOf(job))
      .onConflictDoUpdate({ target: trainingJobs.id, set: { state, document } });
  }

  /** Writes the job only while its holder has it and it runs; gives whether it was written. */
  async saveHeld(job: TrainingJob, holder: string): Promise<boolean> {
    const { state, document } = rowOf(job);
    const rows = await this.handle
      .update(trainingJobs)
      .set({ state, document })
      .where(
        and(
          eq(trainingJobs.id, job.id),
          eq(trainingJobs.holder, holder),
          eq(trainingJobs.state, 'running'),
        ),
      )
      .returning({ id: trainingJobs.id });
    return rows.length > 0;
  }

  /** Makes the holder the one that works on the job, for so long unless it says more. */
  async hold(id: string, holder: string, forMs: number): Promise<void> {
    await this.handle
      .update(trainingJobs)
      .set({ holder, heldUntil: sql`${NOW} + ${forMs}` })
      .where(eq(trainingJobs.id, id));
  }

  /** Says that the holder is alive; gives the running jobs that it still has. */
  async beat(holder: string, forMs: number): Promise<readonly string[]> {
    const rows = await this.handle
      .update(trainingJobs)
      .set({ heldUntil: sql`${NOW} + ${forMs}` })
      .where(and(eq(trainingJobs.holder, holder), eq(trainingJobs.state, 'running')))
      .returning({ id: trainingJobs.id });
    return rows.map(({ id }) => id);
  }

  /** Whether nobody has said for too long that the job is worked on. */
  async isAbandoned(id: string): Promise<boolean> {
    const rows = await this.handle
      .select({ id: trainingJobs.id })
      .from(trainingJobs)
      .where(
        and(
          eq(trainingJobs.id, id),
          eq(trainingJobs.state, 'running'),
          lt(trainingJobs.heldUntil, NOW),
        ),
      );
    return rows.length > 0;
  }

  async find(id: string): Promise<TrainingJob | undefined> {
    const [row] = await this.handle.select().from(trainingJobs).where(eq(trainingJobs.id, id));
    return row?.document;
  }

  /** Newest first. */
  async list(page: PageQuery, stream?: string): Promise<Page<TrainingJob>> {
    const rows = await this.handle
      .select()
      .from(trainingJobs)
      .where(
        and(
          stream === undefined ? undefined : eq(trainingJobs.stream, stream),
          afterCursor(page.cursor, trainingJobs.createdAt, trainingJobs.id),
        ),
      )
      .orderBy(desc(trainingJobs.createdAt), desc(trainingJobs.id))
      .limit(page.limit + 1);
    return toPage(
      rows,
      page.limit,
      ({ createdAt, id }) => ({ at: createdAt, id }),
      (row) => row.document,
    );
  }

  /** Jobs that are queued or running, oldest first. */
  async unfinished(): Promise<readonly TrainingJob[]> {
    const rows = await this.handle
      .select()
      .from(trainingJobs)
      .where(inArray(trainingJobs.state, ['queued', 'running']))
      .orderBy(asc(trainingJobs.createdAt));
    return rows.map((row) => row.document);
  }
}

function rowOf(job: TrainingJob): typeof trainingJobs.$inferInsert {
  const { id, stream, state, createdAt } = job;
  return { id, stream, state, createdAt, document: job };
}
