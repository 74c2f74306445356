import { isUtf8 } from 'node:buffer';
import { DEAD_LETTER_HEADERS } from '../dead-letter';
import type { RawRecord } from '../log-stream';

/** Headers of a key that is no text, as of producers that hash what they partition by; none where it is. */
export function binaryKeyHeaders(key: Buffer | string | null | undefined): Record<string, string> {
  if (key === null || key === undefined || typeof key === 'string' || isUtf8(key)) return {};
  return { [DEAD_LETTER_HEADERS.binaryKey]: key.toString('base64') };
}

/** The key that a record came with, to the byte, so that it comes to the same partition again. */
export function keyOf({
  key,
  headers,
}: Pick<RawRecord, 'key' | 'headers'>): Buffer | string | null {
  const binary = headers[DEAD_LETTER_HEADERS.binaryKey];
  // Without a value it was never written here: an empty key is a text.
  return binary ? Buffer.from(binary, 'base64') : (key ?? null);
}
