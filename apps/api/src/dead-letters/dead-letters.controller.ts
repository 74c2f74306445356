import {
  type DeadLetterPage,
  type DeadLetterReceipt,
  type DeadLetterReplay,
  deadLetterReplaySchema,
  type PageQuery,
  pageQuerySchema,
  ROUTES,
} from '@logbert/contracts';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ZodPipe } from '../problems/zod-pipe';
import { DeadLettersService } from './dead-letters.service';

/** A cursor has a place in every partition. */
export const deadLetterListQuerySchema = pageQuerySchema.extend({
  cursor: pageQuerySchema.shape.cursor.unwrap().max(4_000).optional(),
});

@Controller()
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLettersService) {}

  @Get(ROUTES.deadLetters)
  list(
    @Query(new ZodPipe(deadLetterListQuerySchema, 'query')) page: PageQuery,
  ): Promise<DeadLetterPage> {
    return this.deadLetters.list(page);
  }

  @Post(ROUTES.deadLetterReplay)
  @HttpCode(200)
  replay(
    @Body(new ZodPipe(deadLetterReplaySchema)) wanted: DeadLetterReplay,
  ): Promise<DeadLetterReceipt> {
    return this.deadLetters.replay(wanted);
  }
}
