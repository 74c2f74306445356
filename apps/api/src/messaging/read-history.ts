import type { LogStreamConfig } from '@logbert/contracts';
import { type RawRecord, type ReadRange, readKafka, readSpool } from '@logbert/log-stream';

/** What a stream received, for a process that reads it and does nothing else with it. */
export function readHistory(
  { kind, kafka }: LogStreamConfig,
  dataDirectory: string,
  range: ReadRange,
): AsyncIterable<RawRecord> {
  return kind === 'kafka' ? readKafka(kafka, range) : readSpool(dataDirectory, range);
}
