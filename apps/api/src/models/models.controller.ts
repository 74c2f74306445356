import {
  type Model,
  type Page,
  pageQuerySchema,
  ROUTES,
  streamNameSchema,
} from '@logbert/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { ModelsService } from './models.service';

export const modelListQuerySchema = pageQuerySchema.extend({ stream: streamNameSchema.optional() });
export const rollbackRequestSchema = z.strictObject({ stream: streamNameSchema });

@Controller()
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get(ROUTES.models)
  list(
    @Query(new ZodPipe(modelListQuerySchema)) query: z.infer<typeof modelListQuerySchema>,
  ): Promise<Page<Model>> {
    return this.models.list(query.stream, query);
  }

  @Post(ROUTES.modelPromote)
  @HttpCode(200)
  promote(@Param('id') id: string): Promise<Model> {
    return this.models.promote(id);
  }

  @Post(ROUTES.modelRollback)
  @HttpCode(200)
  rollback(
    @Body(new ZodPipe(rollbackRequestSchema)) { stream }: z.infer<typeof rollbackRequestSchema>,
  ): Promise<Model> {
    return this.models.rollback(stream);
  }
}
