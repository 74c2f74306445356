import { avalanche, hex } from './template-id';

/** `templateIdOf` of a text that comes in pieces. */
export class TextHash {
  private low = 0x811c9dc5;
  private high = 0x9747b28c;
  private length = 0;

  add(piece: string): this {
    let { low, high } = this;
    for (let index = 0; index < piece.length; index++) {
      const unit = piece.charCodeAt(index);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x5bd1e995);
      high ^= high >>> 15;
    }
    this.low = low;
    this.high = high;
    this.length += piece.length;
    return this;
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const first = avalanche(this.low ^ this.length);
    return hex(avalanche(this.high ^ first)) + hex(first);
  }
}
