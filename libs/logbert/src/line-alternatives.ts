/** A token that the model would have expected, and how much. */
export interface Alternative {
  readonly token: number;
  /** In [0, 1]. */
  readonly probability: number;
}

/** The most probable tokens of each line of a window, best first. An array of them is one, too. */
export interface AlternativesOfLines {
  readonly length: number;
  at(line: number): readonly Alternative[] | undefined;
}

/** Columns of `[lines, count]` in one buffer: as objects they take eight times the room of all else that a score holds. */
export class LineAlternatives implements AlternativesOfLines {
  private readonly tokens: Int32Array;
  private readonly probabilities: Float32Array;

  /** @param count alternatives of each line */
  constructor(
    readonly length: number,
    private readonly count: number,
  ) {
    const cells = length * count;
    const buffer = new ArrayBuffer(
      cells * (Int32Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT),
    );
    this.tokens = new Int32Array(buffer, 0, cells);
    this.probabilities = new Float32Array(buffer, this.tokens.byteLength, cells);
  }

  /** @param best `count` of them; probabilities are kept as float32, which models answer in */
  set(line: number, best: readonly Alternative[]): void {
    for (const [rank, { token, probability }] of best.entries()) {
      this.tokens[line * this.count + rank] = token;
      this.probabilities[line * this.count + rank] = probability;
    }
  }

  at(line: number): readonly Alternative[] | undefined {
    if (line < 0 || line >= this.length) return undefined;
    return Array.from({ length: this.count }, (_, rank) => ({
      token: this.tokens[line * this.count + rank] ?? 0,
      probability: this.probabilities[line * this.count + rank] ?? NaN,
    }));
  }
}
