import type { LogStreamConfig } from '@logbert/contracts';
import {
  type RawRecord,
  type ReadRange,
  readFollowed,
  readKafka,
  readOneAfterTheOther,
  readSpool,
} from '@logbert/log-stream';

/** What a stream received, for a process that reads it and does nothing else with it. */
export function readHistory(
  { kind, kafka }: LogStreamConfig,
  dataDirectory: string,
  lineLimitBytes: number,
  range: ReadRange,
): AsyncIterable<RawRecord> {
  return readOneAfterTheOther(range, [
    (rest) => (kind === 'kafka' ? readKafka(kafka, rest) : readSpool(dataDirectory, rest)),
    (rest) => readFollowed(dataDirectory, rest, lineLimitBytes),
  ]);
}
