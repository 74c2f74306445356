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
import { DATABASE } from '../storage/database.token';

export const templateListQuerySchema = pageQuerySchema.extend({
  stream: streamNameSchema,
  isNovel: z.stringbool().optional(),
});

@Controller()
export class TemplatesController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get(ROUTES.templates)
  list(
    @Query(new ZodPipe(templateListQuerySchema, 'query'))
    { stream, isNovel, ...page }: z.infer<typeof templateListQuerySchema>,
  ): Promise<Page<Template>> {
    return this.database.repositories.templates.list({ stream, isNovel, page });
  }
}
