import type { LogStreamConfig } from '@logbert/contracts';
import { KafkaLogStream, type LogStream, SpoolLogStream } from '@logbert/log-stream';
import { logNotice } from './log-notice';

/** The log stream that the configuration chooses. */
export function openLogStream(
  { kind, spool, kafka, batchSize }: LogStreamConfig,
  dataDirectory: string,
): Promise<LogStream> {
  const options = { batchSize, report: logNotice };
  return kind === 'kafka'
    ? KafkaLogStream.open(kafka, options)
    : SpoolLogStream.open(dataDirectory, spool, options);
}
