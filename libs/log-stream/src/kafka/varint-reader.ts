import { UnpackFailure } from '../codecs/unpack-failure';

/** Of a number of 64 bits, seven a byte. */
const MAX_DIGITS = 10;
const CONTINUES = 0x80;
const DIGIT = 0x7f;

/**
 * Reads numbers as the protocol writes them within a record: seven bits a byte, the lowest first, the sign as the lowest of all.
 *
 * Source: Apache Kafka documentation, "Message Format"; Protocol Buffers, "Signed Integers" (ZigZag).
 */
export class VarintReader {
  constructor(
    private readonly bytes: Uint8Array,
    /** Where the next byte is read. */
    public at = 0,
  ) {}

  /** @throws UnpackFailure when there is no whole number */
  next(): number {
    const first = this.bytes[this.at++];
    if (first === undefined) throw damaged();
    if (first < CONTINUES) return (first >>> 1) ^ -(first & 1);
    let value = first & DIGIT;
    let scale = CONTINUES;
    for (let digits = 1; digits < MAX_DIGITS; digits++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw damaged();
      value += (byte & DIGIT) * scale;
      if (byte < CONTINUES) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= CONTINUES;
    }
    throw damaged();
  }

  /** @throws UnpackFailure when there are not so many bytes */
  skip(count: number): void {
    this.at += count;
    if (count < 0 || this.at > this.bytes.length) throw damaged();
  }
}

export function damaged(): UnpackFailure {
  return new UnpackFailure('damaged', 'its records are not what its head says');
}
