import {
  type IngestReceipt,
  ROUTES,
  type ServerConfig,
  streamNameSchema,
} from '@logbert/contracts';
import { splitLines } from '@logbert/log-records';
import { Controller, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import type { Request } from 'express';
import { z } from 'zod';
import { SERVER_CONFIG } from '../config/config.module';
import { ZodPipe } from '../problems/zod-pipe';
import { BodyGate } from './body-gate';
import { IngestService } from './ingest.service';

export const ingestQuerySchema = z.object({ stream: streamNameSchema.default('default') });

@SkipThrottle()
@Controller()
export class IngestController {
  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    private readonly gate: BodyGate,
    private readonly ingest: IngestService,
  ) {}

  @Post(ROUTES.logs)
  @HttpCode(202)
  async accept(
    @Req() request: Request,
    @Query(new ZodPipe(ingestQuerySchema, 'query')) { stream }: z.infer<typeof ingestQuerySchema>,
  ): Promise<IngestReceipt> {
    const contentType = request.headers['content-type'] ?? 'text/plain';
    return this.gate.read(stream, request, (body) =>
      this.ingest.accept({
        stream,
        door: 'http',
        contentType,
        ...splitLines(body, contentType, { maxBytes: this.config.lineLimitBytes }),
      }),
    );
  }
}
