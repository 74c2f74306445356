import { type GrowingChannel, LONG_WINDOW, type ModelFreeChannel } from './channel-scores';
import { CountVectorMemory, type CountVectorSnapshot } from './count-vector-memory';
import { keySetHash, KeySetMemory, type KeySetSnapshot } from './key-set-memory';
import { countNgrams, leaveOneOutNovelty, NgramMemory, type NgramSnapshot } from './ngram-memory';
import { NewPatterns, type NewPatternsSnapshot } from './new-patterns';
import { RarityReference, type RaritySnapshot } from './rarity-reference';
import type { GrowingLines, ScoredWindow } from './scored-window';
import { profileOf, type WindowProfile } from './window-profile';

/**
 * Most windows that rarity is judged against. The reference never outgrows what it was calibrated on: a key that nobody
 * has scores the more the larger the reference is, and would leave the calibrated range by that alone.
 */
const REFERENCE_WINDOWS = 4_000;

/** Marks a token that training windows have. */
const TRAINED = 1;
/** Marks a token that became usual after training. */
const LEARNT_LATE = 2;
/** Numbers below the negative of it stand for count vectors, those above for tokens, positive ones for n-grams. */
const VECTORS_BELOW = 2 ** 33;
/** Numbers below the negative of it stand for sets of keys: hashes of count vectors have 52 bits. */
const SETS_BELOW = 2 ** 52 + 2 ** 34;

/** A set of keys has a score in long windows only. */
export type ModelFreeScores = Readonly<
  Record<Exclude<ModelFreeChannel, 'key-set'>, number> & { 'key-set'?: number }
>;
export type GrowingScores = Readonly<Record<GrowingChannel, number>>;

interface LearntPatterns {
  readonly tokens: readonly number[];
  /** Keys and counts alternating. */
  readonly vectors: readonly (readonly number[])[];
  /** Hashes. */
  readonly ngrams: readonly number[];
  /** Absent in states that older versions kept. */
  readonly keySets?: readonly (readonly number[])[] | undefined;
}

export interface NormalMemorySnapshot {
  readonly vocabularySize: number;
  readonly rarity: RaritySnapshot;
  readonly countVectors: CountVectorSnapshot;
  readonly ngrams: NgramSnapshot;
  /** Absent in bundles of older versions, which do not calibrate that channel. */
  readonly keySets?: KeySetSnapshot | undefined;
  /** Tokens that training windows have. */
  readonly known: readonly number[];
  /** Patterns of windows seen lately that training did not have. */
  readonly fresh?: NewPatternsSnapshot | undefined;
  readonly trimShare?: number | undefined;
  /** What has become usual after training. */
  readonly learnt?: LearntPatterns | undefined;
}

/**
 * What normal windows looked like, without a model: their keys, count vectors, sets of keys and n-grams.
 *
 * What at least a fiftieth of the recent windows show is usual, though training never saw it: it is learnt. So is what
 * half of the last twenty windows show, even if it is rare among all: when all work is suddenly other work, the alert budget
 * is not spent on each piece of it.
 */
export class NormalMemory {
  private constructor(
    readonly vocabularySize: number,
    readonly rarity: RarityReference,
    readonly countVectors: CountVectorMemory,
    readonly ngrams: NgramMemory,
    private readonly keySets: KeySetMemory,
    private readonly known: Uint8Array,
    private readonly fresh: NewPatterns,
    private readonly trimShare: number,
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
    { trimShare, cutAt }: LearningOptions,
  ): { memory: NormalMemory; leftOut: readonly ModelFreeScores[] } {
    const profiles = training.map((tokens) => checkedProfileOf(tokens, vocabularySize));
    const windowsWith = new Int32Array(vocabularySize);
    for (const { keys } of profiles) {
      for (const key of keys) windowsWith[key] = (windowsWith[key] ?? 0) + 1;
    }
    const ngramCounts = countNgrams(training, cutAt);
    const countVectors = CountVectorMemory.of(profiles);
    const keySets = KeySetMemory.of(profiles, vocabularySize);
    const everything = new RarityReference(Math.max(1, profiles.length), vocabularySize);
    for (const profile of profiles) everything.enter(profile);

    const leftOut = training.map((tokens, index): ModelFreeScores => {
      const profile = profiles[index] ?? profileOf(tokens);
      return {
        rarity: everything.rarityOf(profile, 1),
        'count-vector': countVectors.leaveOneOutDistance(profile) / tokens.length,
        ngram: leaveOneOutNovelty(tokens, ngramCounts),
        ...(isLong(profile) ? { 'key-set': keySets.leaveOneOutDistance(profile) } : {}),
        novelty: tokens.reduce((lines, token) => lines + (windowsWith[token] === 1 ? 1 : 0), 0),
      };
    });

    const capacity = Math.max(1, Math.min(REFERENCE_WINDOWS, profiles.length));
    const rarity = new RarityReference(capacity, vocabularySize, trimShare);
    for (const [index, profile] of profiles.entries()) rarity.enter(profile, training[index]?.[0]);
    const fresh = new NewPatterns(capacity);
    const memory = new NormalMemory(
      vocabularySize,
      rarity,
      countVectors,
      NgramMemory.of(ngramCounts),
      keySets,
      Uint8Array.from(windowsWith, (windows) => Math.min(TRAINED, windows)),
      fresh,
      trimShare,
    );
    return { memory, leftOut };
  }

  static restore(snapshot: NormalMemorySnapshot): NormalMemory {
    const { vocabularySize } = snapshot;
    const capacity = Math.max(1, snapshot.rarity.order.length);
    const { trimShare = 0, fresh = { windows: [], usual: [] }, learnt } = snapshot;
    const { keySets = { sets: [], windows: [] } } = snapshot;
    const rarity = new RarityReference(capacity, vocabularySize, trimShare);
    rarity.resume(snapshot.rarity);
    const ngrams = NgramMemory.restore(snapshot.ngrams);
    for (const hash of learnt?.ngrams ?? []) ngrams.learn(hash);
    const patterns = NewPatterns.restore(fresh, capacity);
    const known = new Uint8Array(vocabularySize);
    for (const token of snapshot.known) known[token] = TRAINED;
    for (const token of learnt?.tokens ?? []) known[token] = LEARNT_LATE;
    return new NormalMemory(
      vocabularySize,
      rarity,
      CountVectorMemory.restore(snapshot.countVectors, learnt?.vectors),
      ngrams,
      KeySetMemory.restore(keySets, vocabularySize, learnt?.keySets),
      known,
      patterns,
      trimShare,
    );
  }

  snapshot(): NormalMemorySnapshot {
    return {
      vocabularySize: this.vocabularySize,
      rarity: this.rarity.snapshot(),
      countVectors: this.countVectors.snapshot(),
      ngrams: this.ngrams.snapshot(),
      keySets: this.keySets.snapshot(),
      known: [...this.known.keys()].filter((token) => this.known[token] === TRAINED),
      fresh: this.fresh.snapshot(),
      trimShare: this.trimShare,
      learnt: {
        tokens: [...this.known.keys()].filter((token) => this.known[token] === LEARNT_LATE),
        vectors: this.countVectors.learntVectors(),
        ngrams: this.ngrams.learntHashes(),
        keySets: this.keySets.learntSets(),
      },
    };
  }

  isKnown(token: number): boolean {
    return (this.known[token] ?? 0) !== 0;
  }

  /** Whether a window shows something that is usual although training did not have it: a model knows nothing of that. */
  isBeyondTraining({ keys, hash }: WindowProfile): boolean {
    const { countVectors } = this;
    return countVectors.isLearnt(hash) || keys.some((key) => this.known[key] === LEARNT_LATE);
  }

  /** Whether windows of these keys are set aside as too rare to be normal. */
  isSetAside({ tokens }: Pick<ScoredWindow, 'tokens'>, profile: WindowProfile): boolean {
    return this.rarity.isSetAside(profile, tokens[0] ?? -1);
  }

  /** Lets a window enter what recent windows were like, and learns of it what has become usual. */
  enter({ tokens, novelLines }: ScoredWindow, profile: WindowProfile): void {
    this.rarity.enter(profile, tokens[0]);
    const vector = -(VECTORS_BELOW + profile.hash);
    const setHash = keySetHash(profile);
    const keySet = -(SETS_BELOW + setHash);
    const patterns: number[] = [];
    for (const key of profile.keys) if (this.known[key] !== TRAINED) patterns.push(-1 - key);
    if (!this.countVectors.isTrained(profile.hash)) patterns.push(vector);
    if (isLong(profile) && !this.keySets.isTrained(setHash)) patterns.push(keySet);
    for (const ngram of this.ngrams.unseenOf(tokens)) patterns.push(ngram);
    const { usual, sudden, faded } = this.fresh.enter(patterns);
    for (const pattern of faded) {
      if (pattern >= 0) this.ngrams.unlearn(pattern);
      else if (pattern > -VECTORS_BELOW) this.known[-1 - pattern] = 0;
      else if (pattern > -SETS_BELOW) this.countVectors.unlearn(-pattern - VECTORS_BELOW);
      else this.keySets.unlearn(-pattern - SETS_BELOW);
    }
    // A line without a template has no identity, and what is too rare to be normal is no part of it.
    if (novelLines > 0) return;
    if (sudden.length > 0) this.rarity.accept(profile, tokens[0] ?? -1);
    for (const pattern of this.isSetAside({ tokens }, profile) ? sudden : usual) {
      if (pattern >= 0) this.ngrams.learn(pattern);
      else if (pattern === vector) this.countVectors.learn(profile);
      else if (pattern === keySet) this.keySets.learn(profile);
      else this.known[-1 - pattern] = LEARNT_LATE;
    }
  }

  /** Scores a window that has not entered the memory. */
  scoresOf(window: ScoredWindow, profile: WindowProfile): ModelFreeScores {
    const { tokens } = window;
    return {
      rarity: this.rarity.rarityOf(profile),
      'count-vector': this.countVectors.distanceTo(profile) / tokens.length,
      ngram: this.ngrams.noveltyOf(tokens),
      ...(isLong(profile) ? { 'key-set': this.keySets.distanceTo(profile) } : {}),
      novelty: this.noveltyOf(window),
    };
  }

  /** What these lines alone come to on the channels that no further line can lower. */
  growingScoresOf(lines: GrowingLines): GrowingScores {
    return {
      rarity: this.rarity.presenceRarityOf(lines.tokens),
      novelty: this.noveltyOf(lines),
    };
  }

  private noveltyOf({ tokens, novelLines }: GrowingLines): number {
    let unknown = 0;
    for (const token of tokens) if (!this.isKnown(token)) unknown++;
    return Math.max(novelLines, unknown);
  }
}

function isLong({ length }: WindowProfile): boolean {
  return length >= LONG_WINDOW;
}

interface LearningOptions {
  readonly trimShare: number;
  readonly cutAt?: number | undefined;
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
