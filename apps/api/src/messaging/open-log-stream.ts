import type { LogStreamConfig } from '@logbert/contracts';
import {
  FollowingLogStream,
  KafkaLogStream,
  type KeysOf,
  type LogStream,
  type Report,
  SpoolLogStream,
} from '@logbert/log-stream';

export interface LogStreamSurroundings {
  readonly dataDirectory: string;
  readonly lineLimitBytes: number;
  readonly report: Report;
  /** By what lines are grouped that Kafka has to key anew. */
  readonly keysOf: KeysOf;
}

/** The log stream that the configuration chooses, with the files that it has followed beside it. */
export async function openLogStream(
  { kind, spool, kafka, files, batchSize }: LogStreamConfig,
  { dataDirectory, lineLimitBytes, report, keysOf }: LogStreamSurroundings,
): Promise<LogStream> {
  const options = { batchSize, report };
  const stream =
    kind === 'kafka'
      ? await KafkaLogStream.open(kafka, { ...options, keysOf })
      : await SpoolLogStream.open(dataDirectory, spool, options);
  if (files.length === 0) return stream;
  return new FollowingLogStream(stream, files, { ...options, dataDirectory, lineLimitBytes });
}
