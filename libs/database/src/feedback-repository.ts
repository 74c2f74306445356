import type { Feedback } from '@logbert/contracts';
import { asc, eq } from 'drizzle-orm';
import type { Handle } from './handle';
import { feedback } from './tables';

export interface FeedbackEntry extends Feedback {
  readonly id: number;
  readonly anomalyId: string;
  readonly createdAt: number;
}

export class FeedbackRepository {
  constructor(private readonly handle: Handle) {}

  async add(anomalyId: string, given: Feedback, nowMs = Date.now()): Promise<void> {
    const { verdict, comment } = given;
    await this.handle.insert(feedback).values({ anomalyId, verdict, comment, createdAt: nowMs });
  }

  /** In the order it was given. */
  async ofAnomaly(anomalyId: string): Promise<readonly FeedbackEntry[]> {
    return this.handle
      .select()
      .from(feedback)
      .where(eq(feedback.anomalyId, anomalyId))
      .orderBy(asc(feedback.id));
  }
}
