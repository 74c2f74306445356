import {
  type Anomaly,
  type AnomalyHead,
  type Feedback,
  feedbackSchema,
  type Page,
  ROUTES,
} from '@logbert/contracts';
import type { TimelinePoint } from '@logbert/database';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { AnomaliesService } from './anomalies.service';
import { anomalyListQuerySchema, timelineQuerySchema } from './anomaly-queries';

@Controller()
export class AnomaliesController {
  constructor(private readonly anomalies: AnomaliesService) {}

  @Get(ROUTES.anomalies)
  list(
    @Query(new ZodPipe(anomalyListQuerySchema, 'query'))
    { view, limit, cursor, verdict, ...others }: z.infer<typeof anomalyListQuerySchema>,
  ): Promise<Page<Anomaly> | Page<AnomalyHead>> {
    const page = { limit, cursor };
    const filter = { ...others, verdicts: verdict === undefined ? undefined : [verdict].flat() };
    return view === 'head'
      ? this.anomalies.listHeads(filter, page)
      : this.anomalies.list(filter, page);
  }

  /** Before the door of one anomaly, whose pattern would match it too. */
  @Get(ROUTES.anomalyTimeline)
  async timeline(
    @Query(new ZodPipe(timelineQuerySchema, 'query')) query: z.infer<typeof timelineQuerySchema>,
  ): Promise<Page<TimelinePoint>> {
    return { items: await this.anomalies.timeline(query), nextCursor: null };
  }

  @Get(ROUTES.anomaly)
  get(@Param('id') id: string): Promise<Anomaly> {
    return this.anomalies.get(id);
  }

  @Post(ROUTES.anomalyFeedback)
  @HttpCode(204)
  giveFeedback(
    @Param('id') id: string,
    @Body(new ZodPipe(feedbackSchema)) feedback: Feedback,
  ): Promise<void> {
    return this.anomalies.giveFeedback(id, feedback);
  }
}
