import { isUtf8 } from 'node:buffer';
import { STREAM_HEADER } from '@logbert/contracts';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { UnpackFailure } from '../codecs/unpack-failure';
import type { RawRecord } from '../log-stream';
import { binaryKeyHeaders } from './record-key';

/** A record, or all records of a batch that cannot be unpacked: its packed bytes at the place of the first one. */
export interface FetchedRecord extends RawRecord {
  /** Bytes of the value, where they are known before it is read. */
  readonly size?: number;
  readonly unreadable?: UnpackFailure | undefined;
}

/** Where a record was fetched from. */
export interface RecordOrigin {
  /** Of records that do not say it themselves. */
  readonly stream: string;
  readonly source: string;
  readonly partition: number;
}

/** The value of a record that has none. */
export const NO_BYTES = new Uint8Array(0);

/** The record that a message is. */
export function recordOf(
  { stream, source, partition }: RecordOrigin,
  message: KafkaMessage,
): FetchedRecord {
  const { key, offset, timestamp } = message;
  const headers = withBinaryKey(key, textHeaders(message.headers));
  const value = message.value ?? NO_BYTES;
  return {
    stream: headers[STREAM_HEADER] || stream,
    source,
    partition,
    offset: Number(offset),
    key: key?.toString(),
    headers,
    value,
    receivedAtMs: Number(timestamp),
  };
}

/** The headers, and the key where it is no text. */
export function withBinaryKey(
  key: Buffer | null,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  // Of nearly all records: nothing is made for them.
  if (key === null || isUtf8(key)) return headers;
  return { ...headers, ...binaryKeyHeaders(key) };
}

/** Shared by records that have none, as most have. */
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

export function textHeaders(headers: IHeaders = {}): Readonly<Record<string, string>> {
  const given = Object.entries(headers);
  if (given.length === 0) return NO_HEADERS;
  const texts: Record<string, string> = Object.create(null);
  for (const [name, value] of given) {
    if (value === undefined) continue;
    // The last one of several counts, as with a key that is set twice.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = last.toString();
  }
  return texts;
}
