import {
  type Page,
  ROUTES,
  type Stream,
  streamNameSchema,
  type StreamSettings,
  streamSettingsSchema,
  type ThroughputHistory,
} from '@logbert/contracts';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { LiveThroughput } from '../live/live-throughput';
import { ZodPipe } from '../problems/zod-pipe';
import { StreamsService } from './streams.service';

const namePipe = new ZodPipe(streamNameSchema, 'name');

@Controller()
export class StreamsController {
  constructor(
    private readonly streams: StreamsService,
    private readonly throughput: LiveThroughput,
  ) {}

  @Get(ROUTES.streams)
  async list(): Promise<Page<Stream>> {
    return { items: await this.streams.list(), nextCursor: null };
  }

  @Get(ROUTES.stream)
  get(@Param('name', namePipe) name: string): Promise<Stream> {
    return this.streams.get(name);
  }

  @Get(ROUTES.streamThroughput)
  async throughputOf(@Param('name', namePipe) name: string): Promise<ThroughputHistory> {
    await this.streams.get(name);
    return { samples: this.throughput.historyOf(name) };
  }

  @Put(ROUTES.stream)
  configure(
    @Param('name', namePipe) name: string,
    @Body(new ZodPipe(streamSettingsSchema)) settings: StreamSettings,
  ): Promise<Stream> {
    return this.streams.configure(name, settings);
  }
}
