import { ROUTES } from '@logbert/contracts';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { LiveFeed } from './live-feed';

const lastEventIdSchema = z.coerce.number().int().nonnegative().optional().catch(undefined);

@Controller()
export class LiveController {
  constructor(private readonly feed: LiveFeed) {}

  /** The browser sends the header by itself; the parameter is for those that cannot. */
  @Get(ROUTES.events)
  events(
    @Res() response: Response,
    @Headers('last-event-id') header: string | undefined,
    @Query('lastEventId') parameter: string | undefined,
  ): Promise<void> {
    const id = new ZodPipe(lastEventIdSchema).transform(header ?? parameter);
    return this.feed.open(response, id);
  }
}
