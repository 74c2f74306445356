import type { RawRecord } from './log-stream';

const ORIGIN = 'logbert-origin-';

/** Headers by which a parked record says where it came from and why it was parked. */
export const DEAD_LETTER_HEADERS = {
  topic: `${ORIGIN}topic`,
  partition: `${ORIGIN}partition`,
  offset: `${ORIGIN}offset`,
  receivedAt: `${ORIGIN}timestamp`,
  /** Key that the record came with, where it was keyed anew since. */
  key: `${ORIGIN}key`,
  /** The key in base64, where it is no text. */
  binaryKey: `${ORIGIN}key-base64`,
  reason: 'logbert-reason',
  /** Bytes that the value had, where only its beginning was kept. */
  truncatedFrom: 'logbert-truncated-from',
  /** Id of the anomaly that the value is, where not a record was parked but what was found and could not be written. */
  anomaly: 'logbert-anomaly',
  /** Where the dead letter was that a record was made from again. */
  replayedFrom: 'logbert-replayed-from',
} as const;

type Headers = Readonly<Record<string, string>>;

/** Where a record came from. */
export function originHeaders({
  source,
  partition,
  offset,
  receivedAtMs,
}: Pick<RawRecord, 'source' | 'partition' | 'offset' | 'receivedAtMs'>): Headers {
  return {
    [DEAD_LETTER_HEADERS.topic]: source,
    [DEAD_LETTER_HEADERS.partition]: String(partition),
    [DEAD_LETTER_HEADERS.offset]: String(offset),
    [DEAD_LETTER_HEADERS.receivedAt]: String(receivedAtMs),
  };
}

/** @param origin where the record came from, when that is not where it was read */
export function headersOfParked(
  record: RawRecord,
  reason: string,
  origin: Headers = originHeaders(record),
): Headers {
  return { ...record.headers, ...origin, [DEAD_LETTER_HEADERS.reason]: reason };
}

/** The headers that the record had before it was parked, and where its dead letter is. */
export function headersOfReplayed({ headers, source, partition, offset }: RawRecord): Headers {
  const own = new Set<string>(Object.values(DEAD_LETTER_HEADERS));
  const former = Object.entries(headers).filter(([name]) => !own.has(name));
  return {
    ...Object.fromEntries(former),
    [DEAD_LETTER_HEADERS.replayedFrom]: `${source}/${partition}@${offset}`,
  };
}
