import {
  type Page,
  pageQuerySchema,
  ROUTES,
  streamNameSchema,
  type Template,
} from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { StreamsService } from '../streams/streams.service';
import { DATABASE } from '../storage/database.token';

export const templateListQuerySchema = pageQuerySchema.extend({
  stream: streamNameSchema,
  isNovel: z.stringbool().optional(),
});

@Controller()
export class TemplatesController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly streams: StreamsService,
  ) {}

  @Get(ROUTES.templates)
  async list(
    @Query(new ZodPipe(templateListQuerySchema, 'query'))
    { stream, isNovel, ...page }: z.infer<typeof templateListQuerySchema>,
  ): Promise<Page<Template>> {
    await this.streams.get(stream);
    return this.database.repositories.templates.list({ stream, isNovel, page });
  }
}
