import type { LogStreamConfig } from '@logbert/contracts';
import { Global, Module } from '@nestjs/common';
import { LOCATIONS, LOG_STREAM_CONFIG } from '../config/config.module';
import type { Locations } from '../config/locations';
import { LOG_STREAM } from './log-stream.token';
import { openLogStream } from './open-log-stream';
import { OutletPublisher } from './outlet-publisher';

/** The log stream of this process and what is published to its outlets. */
@Global()
@Module({
  providers: [
    {
      provide: LOG_STREAM,
      inject: [LOG_STREAM_CONFIG, LOCATIONS],
      useFactory: (config: LogStreamConfig, { dataDirectory }: Locations) =>
        openLogStream(config, dataDirectory),
    },
    OutletPublisher,
  ],
  exports: [LOG_STREAM, OutletPublisher],
})
export class MessagingModule {}
