import type { ModelFreeChannel } from './channel-scores';
import { CountVectorMemory, type CountVectorSnapshot } from './count-vector-memory';
import { countNgrams, leaveOneOutNovelty, NgramMemory, type NgramSnapshot } from './ngram-memory';
import { RarityReference, type RaritySnapshot } from './rarity-reference';
import type { ScoredWindow } from './scored-window';
import { profileOf, type WindowProfile } from './window-profile';

/**
 * Most windows that rarity is judged against. The reference never outgrows what it was calibrated on: a key that nobody
 * has scores the more the larger the reference is, and would leave the calibrated range by that alone.
 */
const REFERENCE_WINDOWS = 4_000;

export type ModelFreeScores = Readonly<Record<ModelFreeChannel, number>>;

export interface NormalMemorySnapshot {
  readonly vocabularySize: number;
  readonly rarity: RaritySnapshot;
  readonly countVectors: CountVectorSnapshot;
  readonly ngrams: NgramSnapshot;
  /** Tokens that training windows have. */
  readonly known: readonly number[];
}

/** What normal windows looked like, without a model: their keys, count vectors and n-grams. */
export class NormalMemory {
  private constructor(
    readonly vocabularySize: number,
    readonly rarity: RarityReference,
    readonly countVectors: CountVectorMemory,
    readonly ngrams: NgramMemory,
    private readonly known: Uint8Array,
  ) {}

  /**
   * Remembers training windows, and scores each as if it had been left out of the memory.
   *
   * These scores stand for held-out ones (the jackknife, pooled; cf. Barber et al., Annals of Statistics 2021), so that the
   * channels without a model need no windows put aside.
   */
  static learn(
    training: readonly Int32Array[],
    vocabularySize: number,
  ): { memory: NormalMemory; leftOut: readonly ModelFreeScores[] } {
    const profiles = training.map((tokens) => checkedProfileOf(tokens, vocabularySize));
    const windowsWith = new Int32Array(vocabularySize);
    for (const { keys } of profiles) {
      for (const key of keys) windowsWith[key] = (windowsWith[key] ?? 0) + 1;
    }
    const everything = new RarityReference(Math.max(1, profiles.length), vocabularySize);
    for (const profile of profiles) everything.enter(profile);
    const ngramCounts = countNgrams(training);
    const countVectors = CountVectorMemory.of(profiles, vocabularySize);

    const leftOut = training.map((tokens, index): ModelFreeScores => {
      const profile = profiles[index] ?? profileOf(tokens);
      return {
        rarity: everything.rarityOf(profile, 1),
        'count-vector': countVectors.leaveOneOutDistance(profile) / tokens.length,
        ngram: leaveOneOutNovelty(tokens, ngramCounts),
        novelty: tokens.reduce((lines, token) => lines + (windowsWith[token] === 1 ? 1 : 0), 0),
      };
    });

    const capacity = Math.max(1, Math.min(REFERENCE_WINDOWS, profiles.length));
    const rarity = new RarityReference(capacity, vocabularySize);
    for (const profile of profiles) rarity.enter(profile);
    const known = windowsWith.map((windows) => Math.min(1, windows));
    const memory = new NormalMemory(
      vocabularySize,
      rarity,
      countVectors,
      NgramMemory.of(ngramCounts),
      Uint8Array.from(known),
    );
    return { memory, leftOut };
  }

  static restore(snapshot: NormalMemorySnapshot): NormalMemory {
    const { vocabularySize } = snapshot;
    const capacity = Math.max(1, snapshot.rarity.order.length);
    const rarity = new RarityReference(capacity, vocabularySize);
    const profiles = snapshot.rarity.sets.map((keys) => profileOf(Int32Array.from(keys)));
    for (const index of snapshot.rarity.order) {
      const profile = profiles[index];
      if (profile) rarity.enter(profile);
    }
    const known = new Uint8Array(vocabularySize);
    for (const token of snapshot.known) known[token] = 1;
    return new NormalMemory(
      vocabularySize,
      rarity,
      CountVectorMemory.restore(snapshot.countVectors, vocabularySize),
      NgramMemory.restore(snapshot.ngrams),
      known,
    );
  }

  snapshot(): NormalMemorySnapshot {
    return {
      vocabularySize: this.vocabularySize,
      rarity: this.rarity.snapshot(),
      countVectors: this.countVectors.snapshot(),
      ngrams: this.ngrams.snapshot(),
      known: [...this.known.keys()].filter((token) => this.isKnown(token)),
    };
  }

  isKnown(token: number): boolean {
    return this.known[token] === 1;
  }

  /** Scores a window that has not entered the memory. */
  scoresOf({ tokens, novelLines }: ScoredWindow, profile: WindowProfile): ModelFreeScores {
    let unknown = 0;
    for (const token of tokens) if (!this.isKnown(token)) unknown++;
    return {
      rarity: this.rarity.rarityOf(profile),
      'count-vector': this.countVectors.distanceTo(profile) / tokens.length,
      ngram: this.ngrams.noveltyOf(tokens),
      novelty: Math.max(novelLines, unknown),
    };
  }
}

/** @throws RangeError for an empty window and for a token outside the vocabulary */
export function checkedProfileOf(tokens: Int32Array, vocabularySize: number): WindowProfile {
  const profile = profileOf(tokens);
  if (profile.length === 0) throw new RangeError('a window has at least one line');
  const smallest = profile.keys[0] ?? 0;
  const largest = profile.keys.at(-1) ?? 0;
  if (smallest < 0 || largest >= vocabularySize) {
    throw new RangeError(
      `token ${smallest < 0 ? smallest : largest} is outside the vocabulary of ${vocabularySize}`,
    );
  }
  return profile;
}
