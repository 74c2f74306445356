import { ROUTES, type ServerConfig, STREAM_HEADER, streamNameSchema } from '@logbert/contracts';
import { decodeOtlp } from '@logbert/log-records';
import {
  Controller,
  Headers,
  HttpCode,
  Inject,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
} from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import type { Request, Response } from 'express';
import { SERVER_CONFIG } from '../config/config.module';
import { UnsupportedContentFailure } from '../problems/request-failure';
import { ZodPipe } from '../problems/zod-pipe';
import { BodyGate } from './body-gate';
import { IngestService } from './ingest.service';
import { buildOtlpAnswer, encodeOtlpAnswer } from './otlp-answer';
import { decodeOtlpProtobuf } from './otlp-protobuf';
import { OtlpStatusFilter } from './otlp-status.filter';
import { contentTypeOf, JSON_TYPE, PROTOBUF_TYPE } from './otlp-types';
import { siftRecords } from './sift-records';

const streamPipe = new ZodPipe(streamNameSchema.default('default'), 'stream');

/** OTLP/HTTP: the door of OpenTelemetry exporters and collectors. */
@SkipThrottle()
@UseFilters(OtlpStatusFilter)
@Controller()
export class OtlpController {
  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    private readonly gate: BodyGate,
    private readonly ingest: IngestService,
  ) {}

  /** The stream is a parameter, or a header, which collectors can set. */
  @Post(ROUTES.otlpLogs)
  @HttpCode(200)
  async accept(
    @Req() request: Request,
    @Res() response: Response,
    @Query('stream') parameter: string | undefined,
    @Headers(STREAM_HEADER) header: string | undefined,
  ): Promise<void> {
    const stream = streamPipe.transform(parameter ?? header);
    const type = contentTypeOf(request);
    if (type !== JSON_TYPE && type !== PROTOBUF_TYPE) {
      throw new UnsupportedContentFailure(`Send OTLP as ${JSON_TYPE} or ${PROTOBUF_TYPE}.`);
    }
    const receipt = await this.gate.read(stream, request, async (body) => {
      const records = decodeOtlp(type === JSON_TYPE ? body : decodeOtlpProtobuf(body), 'json');
      // An export without a record is a success in OTLP.
      if (records.length === 0) return undefined;
      const sifted = siftRecords(records, this.config.lineLimitBytes);
      return this.ingest.accept({ stream, door: 'otlp', contentType: JSON_TYPE, ...sifted });
    });
    const answer = buildOtlpAnswer(receipt);
    response
      .type(type)
      .send(type === JSON_TYPE ? JSON.stringify(answer) : encodeOtlpAnswer(answer));
  }
}
