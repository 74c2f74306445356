import { STREAM_HEADER } from '@logbert/contracts';
import type { Message } from 'kafkajs';
import { DEAD_LETTER_HEADERS, headersOfParked } from '../dead-letter';
import type { RawRecord } from '../log-stream';
import { RecordTooLargeFailure } from '../log-stream-failures';
import { asBuffer } from './as-buffer';
import { keyOf } from './record-key';

const MAX_REASON_LENGTH = 2_000;
/** What is kept of a parked record that is too large with its origin added. */
const TRUNCATED_BYTES = 65_536;

/**
 * Sends a record as a dead letter; only its beginning when the brokers refuse the whole.
 *
 * @param origin where it came from, when that is not where it was read
 */
export async function sendDeadLetter(
  record: RawRecord,
  reason: string,
  send: (letter: Message) => Promise<void>,
  origin?: Readonly<Record<string, string>>,
): Promise<void> {
  const { stream, value } = record;
  const letter: Message = {
    key: keyOf(record),
    value: asBuffer(value),
    headers: {
      ...headersOfParked(record, reason.slice(0, MAX_REASON_LENGTH), origin),
      [STREAM_HEADER]: stream,
    },
  };
  try {
    await send(letter);
  } catch (error) {
    if (!(error instanceof RecordTooLargeFailure)) throw error;
    const cut = { [DEAD_LETTER_HEADERS.truncatedFrom]: String(value.length) };
    await send({
      ...letter,
      value: asBuffer(value.subarray(0, TRUNCATED_BYTES)),
      headers: { ...letter.headers, ...cut },
    });
  }
}
