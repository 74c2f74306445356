import type { Anomaly, AnomalyHead, Feedback, Page, PageQuery } from '@logbert/contracts';
import type { AnomalyFilter, Database, TimelinePoint } from '@logbert/database';
import { Inject, Injectable } from '@nestjs/common';
import { NotFoundFailure } from '../problems/request-failure';
import { DATABASE } from '../storage/database.token';

/** Bars that a timeline has when the caller does not say how wide they are. */
const DEFAULT_BARS = 120;

@Injectable()
export class AnomaliesService {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  list(filter: AnomalyFilter, page: PageQuery): Promise<Page<Anomaly>> {
    return this.database.repositories.anomalies.list({ ...filter, page });
  }

  listHeads(filter: AnomalyFilter, page: PageQuery): Promise<Page<AnomalyHead>> {
    return this.database.repositories.anomalies.listHeads({ ...filter, page });
  }

  async get(id: string): Promise<Anomaly> {
    const anomaly = await this.database.repositories.anomalies.find(id);
    if (!anomaly) throw new NotFoundFailure('anomaly', id);
    return anomaly;
  }

  timeline(query: {
    readonly stream?: string | undefined;
    readonly fromMs: number;
    readonly toMs: number;
    readonly bucketMs?: number | undefined;
  }): Promise<readonly TimelinePoint[]> {
    const bucketMs = query.bucketMs ?? Math.max(1_000, (query.toMs - query.fromMs) / DEFAULT_BARS);
    return this.database.repositories.anomalies.timeline({ ...query, bucketMs });
  }

  async giveFeedback(id: string, feedback: Feedback): Promise<void> {
    await this.get(id);
    await this.database.repositories.feedback.add(id, feedback);
  }
}
