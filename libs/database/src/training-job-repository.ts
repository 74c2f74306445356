import type { Page, PageQuery, TrainingJob } from '@logbert/contracts';
import { and, asc, desc, eq, inArray } from 'drizzle-orm';
import type { Handle } from './handle';
import { afterCursor, toPage } from './keyset';
import { trainingJobs } from './tables';

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
