import { createHash, timingSafeEqual } from 'node:crypto';

/** The bearer tokens that may use the API. */
export class ApiKeys {
  private readonly digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.digests = keys.map(digestOf);
  }

  /** Whether keys are asked for at all. */
  get areRequired(): boolean {
    return this.digests.length > 0;
  }

  /** Compares with every key in constant time, so that the answer's time tells nothing of them. */
  accepts(candidate: string): boolean {
    const digest = digestOf(candidate);
    let isKnown = false;
    for (const known of this.digests) isKnown = timingSafeEqual(known, digest) || isKnown;
    return isKnown;
  }
}

/** Digests have one length, which the comparison needs. */
function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
