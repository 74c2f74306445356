import { ROUTES, type ServerConfig, STREAM_HEADER, streamNameSchema } from '@logbert/contracts';
import { decodeLoki } from '@logbert/log-records';
import { Controller, Headers, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import type { Request } from 'express';
import { SERVER_CONFIG } from '../config/config.module';
import { PartlyRefusedFailure, UnsupportedContentFailure } from '../problems/request-failure';
import { ZodPipe } from '../problems/zod-pipe';
import { BodyGate } from './body-gate';
import { describeRefused } from './describe-refused';
import { IngestService } from './ingest.service';
import { decodeLokiProtobuf } from './loki-protobuf';
import { siftRecords } from './sift-records';

const streamPipe = new ZodPipe(streamNameSchema.default('default'), 'stream');
const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';

/** The push door of Loki: of Promtail, Alloy, and whatever else writes to Loki. */
@SkipThrottle()
@Controller()
export class LokiController {
  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    private readonly gate: BodyGate,
    private readonly ingest: IngestService,
  ) {}

  /**
   * The stream is a parameter or a header; without either it is Loki's tenant.
   *
   * @throws PartlyRefusedFailure when some entries were refused and the others kept: Loki says so by 400, too. Its clients log
   * the answer and send nothing again, which could not help.
   */
  @Post(ROUTES.lokiPush)
  @HttpCode(204)
  async accept(
    @Req() request: Request,
    @Query('stream') parameter: string | undefined,
    @Headers(STREAM_HEADER) header: string | undefined,
    @Headers('x-scope-orgid') tenant: string | undefined,
  ): Promise<void> {
    const stream = streamPipe.transform(parameter ?? header ?? tenant);
    // Clients of the first versions name no type when they send protobuf.
    const named = request.headers['content-type'] ?? PROTOBUF_TYPE;
    const type = named.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== JSON_TYPE && type !== PROTOBUF_TYPE) {
      throw new UnsupportedContentFailure(`Push as ${JSON_TYPE} or ${PROTOBUF_TYPE}.`);
    }
    const { bodyLimitBytes, lineLimitBytes } = this.config;
    const receipt = await this.gate.read(stream, request, async (body) => {
      const push = type === JSON_TYPE ? body : decodeLokiProtobuf(body, bodyLimitBytes);
      const records = decodeLoki(push, Date.now());
      // A push without an entry is a success in Loki.
      if (records.length === 0) return undefined;
      const sifted = siftRecords(records, lineLimitBytes);
      return this.ingest.accept({ stream, door: 'loki', contentType: JSON_TYPE, ...sifted });
    });
    if (receipt === undefined || receipt.rejected === 0) return;
    throw new PartlyRefusedFailure(
      describeRefused(receipt, 'entry'),
      receipt.reasons.map(({ line, reason }) => ({ field: `line ${line}`, reason })),
    );
  }
}
