import type { LogStreamConfig, ServerConfig } from '@logbert/contracts';
import type { KeysOf, Report } from '@logbert/log-stream';
import { METRICS } from '@logbert/telemetry';
import { Global, Module } from '@nestjs/common';
import { LOCATIONS, LOG_STREAM_CONFIG, SERVER_CONFIG } from '../config/config.module';
import type { Locations } from '../config/locations';
import { endProgram } from '../logging/end-program';
import { Meters } from '../metrics/meters';
import { LineGroups } from './line-groups';
import { logNotice } from './log-notice';
import { LOG_STREAM } from './log-stream.token';
import { openLogStream } from './open-log-stream';
import { OutletPublisher } from './outlet-publisher';

/** The log stream of this process and what is published to its outlets. */
@Global()
@Module({
  providers: [
    {
      provide: LOG_STREAM,
      inject: [LOG_STREAM_CONFIG, SERVER_CONFIG, LOCATIONS, Meters, LineGroups],
      useFactory: (
        config: LogStreamConfig,
        { lineLimitBytes }: ServerConfig,
        { dataDirectory }: Locations,
        meters: Meters,
        groups: LineGroups,
      ) => {
        const report: Report = (notice) => {
          logNotice(notice);
          if (notice.kind === 'consumer-stuck')
            endProgram(new Error('the Kafka consumer is stuck'));
          if (notice.kind === 'topics-missing' || notice.kind === 'topics-found') {
            const isMissing = Number(notice.kind === 'topics-missing');
            for (const topic of notice.topics)
              meters.set(METRICS.topicsMissing, isMissing, { topic });
          }
          if (notice.kind !== 'parked') return;
          // The code before the colon: what follows would make a series of every record.
          const reason = notice.reason.split(':', 1)[0] ?? notice.reason;
          meters.count(METRICS.recordsParked, { reason });
        };
        const keysOf: KeysOf = (records) => groups.keysOf(records);
        return openLogStream(config, { dataDirectory, lineLimitBytes, report, keysOf });
      },
    },
    LineGroups,
    OutletPublisher,
  ],
  exports: [LOG_STREAM],
})
export class MessagingModule {}
