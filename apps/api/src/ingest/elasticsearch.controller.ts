import { randomUUID } from 'node:crypto';
import { ROUTES, type ServerConfig, STREAM_HEADER, streamNameSchema } from '@logbert/contracts';
import { type BulkItem, readBulk } from '@logbert/log-records';
import {
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import type { Request } from 'express';
import { SERVER_CONFIG } from '../config/config.module';
import { ZodPipe } from '../problems/zod-pipe';
import { BodyGate } from './body-gate';
import { IngestService } from './ingest.service';

const streamPipe = new ZodPipe(streamNameSchema.default('default'), 'stream');
/** The version whose bulk requests are understood; clients refuse to write to much older ones. */
const VERSION = '8.17.0';
const CLUSTER = 'logbert';

/** What shippers ask of Elasticsearch: who it is, whether it is well and set up, and the bulk door. */
@SkipThrottle()
@Controller()
export class ElasticsearchController {
  constructor(
    @Inject(SERVER_CONFIG) private readonly config: ServerConfig,
    private readonly gate: BodyGate,
    private readonly ingest: IngestService,
  ) {}

  @Get(ROUTES.elasticsearch)
  info() {
    return {
      name: CLUSTER,
      cluster_name: CLUSTER,
      cluster_uuid: CLUSTER,
      version: {
        number: VERSION,
        build_flavor: 'default',
        build_type: 'docker',
        minimum_wire_compatibility_version: '7.17.0',
        minimum_index_compatibility_version: '7.0.0',
      },
      tagline: 'You Know, for Search',
    };
  }

  @Get(ROUTES.elasticsearchLicense)
  license() {
    return { license: { status: 'active', uid: CLUSTER, type: 'basic', mode: 'basic' } };
  }

  @Get(ROUTES.elasticsearchHealth)
  health() {
    return { cluster_name: CLUSTER, status: 'green', timed_out: false };
  }

  /** Whatever a client wants to find before it writes is there: policies, templates, data streams, pipelines. */
  @Get([
    ROUTES.elasticsearchPolicy,
    ROUTES.elasticsearchTemplate,
    ROUTES.elasticsearchDataStream,
    ROUTES.elasticsearchPipeline,
  ])
  setUp(@Param('name') name: string) {
    return { [name]: {} };
  }

  @Post(ROUTES.elasticsearchBulk)
  @HttpCode(200)
  bulk(
    @Req() request: Request,
    @Query('stream') parameter: string | undefined,
    @Headers(STREAM_HEADER) header: string | undefined,
  ) {
    return this.accept(request, parameter ?? header, undefined);
  }

  @Post(ROUTES.elasticsearchIndexBulk)
  @HttpCode(200)
  bulkOf(
    @Req() request: Request,
    @Param('index') index: string,
    @Query('stream') parameter: string | undefined,
    @Headers(STREAM_HEADER) header: string | undefined,
  ) {
    return this.accept(request, parameter ?? header, index);
  }

  /** The name of an index often has a date in it, so that it names no stream. */
  private async accept(request: Request, stream: string | undefined, index: string | undefined) {
    const startedAt = performance.now();
    const target = streamPipe.transform(stream);
    const items = await this.gate.read(target, request, async (body) => {
      const read = readBulk(body, { maxBytes: this.config.lineLimitBytes });
      await this.ingest.keepGood({
        stream: target,
        door: 'elasticsearch',
        contentType: 'application/json',
        lines: read.flatMap(({ line }) => line ?? []),
        rejected: read.flatMap(({ problem }, place) =>
          problem === undefined ? [] : [{ line: place + 1, reason: problem }],
        ),
      });
      return read;
    });
    return {
      took: Math.round(performance.now() - startedAt),
      errors: items.some(({ problem }) => problem !== undefined),
      items: items.map((item) => ({ [item.action]: resultOf(item, index ?? target) })),
    };
  }
}

function resultOf({ index, id, problem }: BulkItem, fallback: string) {
  const place = { _index: index ?? fallback, _id: id ?? randomUUID() };
  return problem === undefined
    ? { ...place, _version: 1, result: 'created', status: 201 }
    : { ...place, status: 400, error: { type: 'document_parsing_exception', reason: problem } };
}
