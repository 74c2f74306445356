import { type Tokens, UNKNOWN } from '@logbert/sequences';
import { endOf, tokensOf, type SequenceSizes } from './architecture';
import { CollectedSamples } from './collected-samples';
import { WindowFailure } from './logbert-failures';
import type { Sample, SampleSet } from './sample-set';
import { SharedSamples, type WeightedWindows } from './weighted-windows';

/**
 * Cuts a window that is too long into pieces of nearly equal length.
 *
 * @param tokens key tokens, without `[DIST]`
 * @param longest most tokens of a piece, at least 1
 * @returns views of the window in order; the window itself when it is short enough
 */
export function cutWindow(tokens: Int32Array, longest: number): readonly Int32Array[] {
  const pieces = Math.ceil(tokens.length / longest);
  if (pieces <= 1) return [tokens];
  return Array.from({ length: pieces }, (_, piece) =>
    tokens.subarray(
      Math.round((piece * tokens.length) / pieces),
      Math.round(((piece + 1) * tokens.length) / pieces),
    ),
  );
}

/**
 * Distinct windows with the sum of their weights, in order of first occurrence; those without weight are left out.
 *
 * @param windows key tokens, without `[DIST]`; those longer than the network are cut, those that ended by themselves are
 *   given `[END]`
 * @param weights one a window; left out, each counts once
 * @throws WindowFailure when a window is empty or holds a token outside `[UNKNOWN, vocabularySize)`, or a weight is
 *   negative or no finite number
 */
export function collectSamples(
  windows: Iterable<Int32Array>,
  weights: ArrayLike<number> | undefined,
  sizes: SequenceSizes,
): SampleSet {
  const { vocabularySize, maxLength } = sizes;
  const samples = new CollectedSamples(tokensOf(sizes));
  let index = 0;
  for (const window of windows) {
    checkWindow(window, vocabularySize);
    const weight = weights?.[index] ?? 1;
    index++;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new WindowFailure(`a window cannot occur ${weight} times`);
    }
    if (weight === 0) continue;
    const end = endOf(sizes, window.length);
    const whole = end === undefined ? window : Int32Array.of(...window, end);
    for (const tokens of cutWindow(whole, maxLength - 1)) samples.add(tokens, weight);
  }
  return samples;
}

/**
 * The same of windows that somebody keeps: they are read where they are, and copied only when one is too long for the
 * network.
 *
 * @throws WindowFailure when a window is empty or holds a token outside `[UNKNOWN, vocabularySize)`
 */
export function shareSamples(weighted: WeightedWindows, sizes: SequenceSizes): SampleSet {
  const { windows, ids, weights } = weighted;
  let longest = 0;
  for (const id of ids) {
    const window = windows.tokensOf(id);
    checkWindow(window, sizes.vocabularySize);
    longest = Math.max(longest, window.length);
  }
  if (longest < sizes.maxLength) return new SharedSamples(weighted, sizes);
  return collectSamples(copiesOf(weighted), weights, sizes);
}

function* copiesOf({ windows, ids }: WeightedWindows): Iterable<Int32Array> {
  for (const id of ids) yield Int32Array.from(windows.tokensOf(id));
}

/** @throws WindowFailure when the window is empty or holds a token that is no key of the vocabulary */
export function checkWindow(window: Tokens, vocabularySize: number): void {
  if (window.length === 0) throw new WindowFailure('a window without lines cannot be scored');
  for (const token of window) {
    if (token < UNKNOWN || token >= vocabularySize) {
      throw new WindowFailure(`token ${token} is not in [${UNKNOWN}, ${vocabularySize})`);
    }
  }
}

/** Share of all lines, counted with their windows' weights, whose token is UNKNOWN. */
export function unknownShare(samples: SampleSet): number {
  let unknown = 0;
  let all = 0;
  for (let index = 0; index < samples.size; index++) {
    const { tokens, weight } = sampleOf(samples, index);
    all += weight * tokens.length;
    for (const token of tokens) if (token === UNKNOWN) unknown += weight;
  }
  return all === 0 ? 0 : unknown / all;
}

function sampleOf(samples: SampleSet, index: number): Sample {
  return { tokens: samples.tokensOf(index), weight: samples.weightOf(index) };
}

/** At most `most` samples, evenly from the whole set. */
export function spreadSamples(samples: SampleSet, most: number): readonly Sample[] {
  const count = Math.min(samples.size, most);
  return Array.from({ length: count }, (_, i) =>
    sampleOf(samples, Math.floor((i * samples.size) / count)),
  );
}

/**
 * What one epoch trains on. A window that occurred n times comes about √n times, each copy with an equal share
 * of the weight, so that frequent windows are seen under several masks and rare ones are not drowned.
 */
export class RepeatedSamples {
  /** Numbers of the windows, each as often as it comes. */
  readonly entries: Uint32Array;
  private readonly factor: number;

  /**
   * @param fewest samples of an epoch at the least: with fewer, all windows come more often in proportion, so
   *   that an epoch of a simple log is not over after a step or two
   */
  constructor(
    private readonly samples: SampleSet,
    fewest: number,
  ) {
    let roots = 0;
    for (let index = 0; index < samples.size; index++) roots += Math.sqrt(samples.weightOf(index));
    this.factor = Math.max(1, fewest / roots);
    let count = 0;
    for (let index = 0; index < samples.size; index++) count += this.copiesOf(index);
    this.entries = new Uint32Array(count);
    let at = 0;
    for (let index = 0; index < samples.size; index++) {
      this.entries.fill(index, at, (at += this.copiesOf(index)));
    }
  }

  /** Mean weight of what is picked. */
  get meanWeight(): number {
    let weight = 0;
    for (let index = 0; index < this.samples.size; index++) weight += this.samples.weightOf(index);
    return weight / this.entries.length;
  }

  lengthOf(entry: number): number {
    return this.samples.lengthOf(entry);
  }

  /** One copy each of the windows with these numbers, with its share of the weight. */
  pick(entries: Uint32Array): readonly Sample[] {
    return Array.from(entries, (entry) => ({
      tokens: this.samples.tokensOf(entry),
      weight: this.samples.weightOf(entry) / this.copiesOf(entry),
    }));
  }

  private copiesOf(index: number): number {
    return Math.max(1, Math.ceil(Math.sqrt(this.samples.weightOf(index)) * this.factor));
  }
}
