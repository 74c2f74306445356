import {
  type Page,
  pageQuerySchema,
  ROUTES,
  streamNameSchema,
  type TrainingJob,
  type TrainingRequest,
  trainingRequestSchema,
} from '@logbert/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { TrainingService } from './training.service';

export const jobListQuerySchema = pageQuerySchema.extend({ stream: streamNameSchema.optional() });

@Controller()
export class TrainingController {
  constructor(private readonly training: TrainingService) {}

  @Post(ROUTES.trainingJobs)
  @HttpCode(202)
  create(@Body(new ZodPipe(trainingRequestSchema)) request: TrainingRequest): Promise<TrainingJob> {
    return this.training.create(request);
  }

  @Get(ROUTES.trainingJobs)
  list(
    @Query(new ZodPipe(jobListQuerySchema, 'query')) query: z.infer<typeof jobListQuerySchema>,
  ): Promise<Page<TrainingJob>> {
    return this.training.list(query.stream, query);
  }

  @Get(ROUTES.trainingJob)
  get(@Param('id') id: string): Promise<TrainingJob> {
    return this.training.get(id);
  }

  @Delete(ROUTES.trainingJob)
  cancel(@Param('id') id: string): Promise<TrainingJob> {
    return this.training.cancel(id);
  }
}
