import type { LogStreamConfig } from '@logbert/contracts';
import {
  KafkaLogStream,
  type KeysOf,
  type LogStream,
  type Report,
  SpoolLogStream,
} from '@logbert/log-stream';

/** The log stream that the configuration chooses. */
export function openLogStream(
  { kind, spool, kafka, batchSize }: LogStreamConfig,
  dataDirectory: string,
  report: Report,
  keysOf: KeysOf,
): Promise<LogStream> {
  const options = { batchSize, report };
  return kind === 'kafka'
    ? KafkaLogStream.open(kafka, { ...options, keysOf })
    : SpoolLogStream.open(dataDirectory, spool, options);
}
