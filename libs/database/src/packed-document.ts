import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { storableJson } from './storable-text';

/** The quickest: what it leaves is a sixth of an anomaly, the slowest leaves an eighth. */
const LEVEL = 1;

/** A document as compressed JSON. */
export function packDocument(document: unknown): Uint8Array {
  return deflateRawSync(storableJson(document), { level: LEVEL });
}

/** @throws Error when the bytes are not what `packDocument` gave */
export function unpackDocument(bytes: Uint8Array): unknown {
  return JSON.parse(unpackText(bytes));
}

/** As `unpackDocument`, the JSON unread. */
export function unpackText(bytes: Uint8Array): string {
  return inflateRawSync(bytes).toString();
}
