import type { Page, PageQuery, SourcePin, TrainingJob } from '@logbert/contracts';
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

  /**
   * Writes the job only while its attempt is the holder's and runs; a state other than running lets go of it.
   *
   * @returns whether it was written
   */
  async saveHeld(job: TrainingJob, holder: string): Promise<boolean> {
    const { state, document } = rowOf(job);
    const letGo = state === 'running' ? {} : { holder: null, heldUntil: 0 };
    const rows = await this.handle
      .update(trainingJobs)
      .set({ state, document, ...letGo })
      .where(isHeld(job, holder))
      .returning({ id: trainingJobs.id });
    return rows.length > 0;
  }

  /** Writes a job that nobody is to work on any more, whoever did. */
  async release(job: TrainingJob): Promise<void> {
    const { state, document } = rowOf(job);
    await this.handle
      .update(trainingJobs)
      .set({ state, document, holder: null, heldUntil: 0 })
      .where(eq(trainingJobs.id, job.id));
  }

  /** Writes a job whose next attempt is the holder's, for so long unless it says more. */
  async take(job: TrainingJob, holder: string, forMs: number): Promise<void> {
    const { state, document, attempt } = rowOf(job);
    await this.handle
      .update(trainingJobs)
      .set({ state, document, attempt, holder, heldUntil: sql`${NOW} + ${forMs}` })
      .where(eq(trainingJobs.id, job.id));
  }

  /** Says that the holder is at work on these jobs; gives those that are still its own. */
  async beat(holder: string, ids: readonly string[], forMs: number): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const rows = await this.handle
      .update(trainingJobs)
      .set({ heldUntil: sql`${NOW} + ${forMs}` })
      .where(
        and(
          inArray(trainingJobs.id, ids),
          eq(trainingJobs.holder, holder),
          eq(trainingJobs.state, 'running'),
        ),
      )
      .returning({ id: trainingJobs.id });
    return rows.map(({ id }) => id);
  }

  /** Keeps what an attempt has read for those after it. */
  async keepPin(job: TrainingJob, holder: string, sourcePin: SourcePin): Promise<void> {
    await this.handle.update(trainingJobs).set({ sourcePin }).where(isHeld(job, holder));
  }

  /** What an attempt before has read; undefined when none came so far. */
  async findPin(id: string): Promise<SourcePin | undefined> {
    const [row] = await this.handle
      .select({ sourcePin: trainingJobs.sourcePin })
      .from(trainingJobs)
      .where(eq(trainingJobs.id, id));
    return row?.sourcePin ?? undefined;
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
    return row && jobOf(row);
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
    return toPage(rows, page.limit, ({ createdAt, id }) => ({ at: createdAt, id }), jobOf);
  }

  /** Jobs that are queued or running, oldest first. */
  async unfinished(): Promise<readonly TrainingJob[]> {
    const rows = await this.handle
      .select()
      .from(trainingJobs)
      .where(inArray(trainingJobs.state, ['queued', 'running']))
      .orderBy(asc(trainingJobs.createdAt));
    return rows.map(jobOf);
  }
}

function isHeld({ id, attempt }: TrainingJob, holder: string) {
  return and(
    eq(trainingJobs.id, id),
    eq(trainingJobs.holder, holder),
    eq(trainingJobs.attempt, attempt),
    eq(trainingJobs.state, 'running'),
  );
}

function rowOf(job: TrainingJob) {
  const { id, stream, state, createdAt, attempt } = job;
  return { id, stream, state, createdAt, attempt, document: job };
}

/** A process of the version before writes documents that know nothing of attempts. */
function jobOf({ document, attempt }: typeof trainingJobs.$inferSelect): TrainingJob {
  const unknown = { lostAttempts: [], resumed: null, origin: 'request', warning: null } as const;
  return { ...unknown, ...document, attempt };
}
