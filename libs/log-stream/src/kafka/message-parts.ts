import type { Message } from 'kafkajs';

/** Brokers take a megabyte for a partition in one request unless they are told otherwise. */
export const SEND_BYTES = 768 * 1_024;
/** What the protocol adds to a message, roughly. */
const MESSAGE_OVERHEAD_BYTES = 64;

export interface MessagePart {
  readonly messages: readonly Message[];
  readonly bytes: number;
}

/** Cut so that no part is larger than one request may be, apart from a single message that is. */
export function inParts(messages: readonly Message[]): readonly MessagePart[] {
  const parts: MessagePart[] = [];
  let part: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (part.length > 0 && bytes + size > SEND_BYTES) {
      parts.push({ messages: part, bytes });
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += size;
  }
  if (part.length > 0) parts.push({ messages: part, bytes });
  return parts;
}

function sizeOf({ key, value, headers }: Message): number {
  let bytes = MESSAGE_OVERHEAD_BYTES + byteLength(key) + byteLength(value);
  for (const [name, header] of Object.entries(headers ?? {})) {
    bytes += Buffer.byteLength(name) + (Array.isArray(header) ? 0 : byteLength(header));
  }
  return bytes;
}

function byteLength(text: Buffer | string | null | undefined): number {
  return text === null || text === undefined ? 0 : Buffer.byteLength(text);
}
