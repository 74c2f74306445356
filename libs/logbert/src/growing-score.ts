import { type Alternative, type AlternativesOfLines, LineAlternatives } from './line-alternatives';

/** What the model says of a window; arrays have one element a line. */
export interface WindowScore {
  /** −log p of the line that came, given its neighbours, in nats. */
  readonly surprise: Float32Array;
  /** Entropy of the prediction, in nats: small where the model was sure. */
  readonly entropy: Float32Array;
  /** The most probable tokens, best first. */
  readonly alternatives: AlternativesOfLines;
  /** Euclidean distance of `[DIST]` from the centre, averaged over the passes. */
  readonly distance: number;
  /**
   * −log of how often the model expects the line's key in the whole window, in nats, >= 0: large when it expects the key
   * nowhere, small when it only expects it in another place. Undefined for models of older versions.
   */
  readonly presence: Float32Array | undefined;
  /** −log p of there being no further line, given the whole window, in nats; undefined for one that was cut. */
  readonly endSurprise: number | undefined;
  /** The keys that would have come instead of the end, best first; undefined for a window that was cut. */
  readonly nextAlternatives: readonly Alternative[] | undefined;
}

/** Fewest lines that a key is said to be expected in: below that, float32 has no digits left. */
const LEAST_EXPECTED = 1e-30;

/** What the passes over one window have answered so far. */
export class GrowingScore {
  readonly surprise: Float32Array;
  readonly entropy: Float32Array;
  readonly alternatives: LineAlternatives;
  /** The window's keys, each once. */
  readonly keys: readonly number[];
  /** How many lines of each of them the passes so far expect. */
  readonly expected: Float64Array;
  endSurprise: number | undefined;
  nextAlternatives: readonly Alternative[] | undefined;
  private distanceSum = 0;
  private distances = 0;

  /**
   * @param window key tokens, without `[DIST]`
   * @param count alternatives of each line
   */
  constructor(
    private readonly window: Int32Array,
    count: number,
  ) {
    this.surprise = new Float32Array(window.length);
    this.entropy = new Float32Array(window.length);
    this.alternatives = new LineAlternatives(window.length, count);
    this.keys = [...new Set(window)];
    this.expected = new Float64Array(this.keys.length);
  }

  /** Adds the distance of `[DIST]` in one pass. */
  addDistance(distance: number): void {
    this.distanceSum += distance;
    this.distances++;
  }

  /** @param hasPairs whether the passes said how many lines they expect of each key */
  finish(hasPairs: boolean): WindowScore {
    const { surprise, entropy, alternatives, endSurprise, nextAlternatives } = this;
    const distance = this.distanceSum / this.distances;
    const presence = hasPairs ? this.presence() : undefined;
    return { surprise, entropy, alternatives, endSurprise, nextAlternatives, distance, presence };
  }

  private presence(): Float32Array {
    const byKey = new Map(
      this.keys.map((key, index) => {
        const lines = Math.max(LEAST_EXPECTED, this.expected[index] ?? 0);
        return [key, Math.max(0, -Math.log(lines))];
      }),
    );
    return Float32Array.from(this.window, (key) => byKey.get(key) ?? NaN);
  }
}
