import type { Architecture, TrainingSettings } from './architecture';
import type { SampleSet } from './sample-set';

/** What a training follows from: two with the same fingerprint go through the same steps. */
export interface TrainingFingerprint {
  /** The first 128 bits of a SHA-256 over the distinct windows in their order, in hexadecimal. */
  readonly windows: string;
  /** JSON with its keys in order. */
  readonly architecture: string;
  readonly settings: string;
  readonly seed: number;
}

/** What a training works on. */
export interface FingerprintedTraining {
  readonly training: SampleSet;
  readonly validation: SampleSet;
  readonly architecture: Architecture;
  readonly settings: TrainingSettings;
  readonly seed: number;
}

const CHUNK_WORDS = 1 << 18;

/** Reads every window once; the hashing itself is done beside the caller's thread. */
export async function fingerprintOf(of: FingerprintedTraining): Promise<TrainingFingerprint> {
  const digest = new WordDigest();
  for (const samples of [of.training, of.validation]) {
    digest.add([samples.size]);
    for (let index = 0; index < samples.size; index++) {
      const tokens = samples.tokensOf(index);
      const words = [...wordsOf(samples.weightOf(index)), tokens.length, ...tokens];
      if (digest.isFull(words.length)) await digest.flush();
      digest.add(words);
    }
  }
  return {
    windows: await digest.finish(),
    architecture: canonicalJson(of.architecture),
    settings: canonicalJson(of.settings),
    seed: of.seed,
  };
}

/** What of two fingerprints is not the same, in words; undefined when they are the same. */
export function differenceOf(
  one: TrainingFingerprint,
  other: TrainingFingerprint,
): string | undefined {
  const names = {
    windows: 'windows',
    architecture: 'sizes of the network',
    settings: 'settings of training',
    seed: 'seed',
  };
  const different = (['windows', 'architecture', 'settings', 'seed'] as const)
    .filter((part) => one[part] !== other[part])
    .map((part) => names[part]);
  return different.length === 0 ? undefined : different.join(' and ');
}

/** A number's bits as two words. */
function wordsOf(number: number): Int32Array {
  return new Int32Array(Float64Array.of(number).buffer);
}

function canonicalJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** SHA-256 over the digests of pieces, so that it takes little memory. */
class WordDigest {
  private chunk = new Int32Array(CHUNK_WORDS);
  private used = 0;
  private readonly digests: number[] = [];

  /** Whether so many words more are too many for the piece; waiting for each window would take longer than its hash. */
  isFull(more: number): boolean {
    return this.used > 0 && this.used + more > CHUNK_WORDS;
  }

  add(words: readonly number[]): void {
    if (this.used + words.length > this.chunk.length) {
      const longer = new Int32Array(this.used + words.length);
      longer.set(this.chunk.subarray(0, this.used));
      this.chunk = longer;
    }
    this.chunk.set(words, this.used);
    this.used += words.length;
  }

  async flush(): Promise<void> {
    this.digests.push(...(await sha256(this.chunk.slice(0, this.used))));
    this.used = 0;
  }

  async finish(): Promise<string> {
    await this.flush();
    const digest = await sha256(Uint8Array.from(this.digests));
    return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    );
  }
}

async function sha256(
  data: Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
}
