import {
  type Page,
  ROUTES,
  type Stream,
  streamNameSchema,
  type StreamSettings,
  streamSettingsSchema,
} from '@logbert/contracts';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ZodPipe } from '../problems/zod-pipe';
import { StreamsService } from './streams.service';

const namePipe = new ZodPipe(streamNameSchema, 'name');

@Controller()
export class StreamsController {
  constructor(private readonly streams: StreamsService) {}

  @Get(ROUTES.streams)
  async list(): Promise<Page<Stream>> {
    return { items: await this.streams.list(), nextCursor: null };
  }

  @Get(ROUTES.stream)
  get(@Param('name', namePipe) name: string): Promise<Stream> {
    return this.streams.get(name);
  }

  @Put(ROUTES.stream)
  configure(
    @Param('name', namePipe) name: string,
    @Body(new ZodPipe(streamSettingsSchema)) settings: StreamSettings,
  ): Promise<Stream> {
    return this.streams.configure(name, settings);
  }
}
