import { RandomSource } from '../demo/random-source';

const SYLLABLES = ['ba', 'con', 'der', 'fil', 'gra', 'lo', 'mem', 'net', 'pro', 'qu', 'ser', 'tok'];
const MEAN_TOKENS = 9;
const PARAMETER_SHARE = 0.25;
/** Multiples of it, modulo 1, lie evenly in [0, 1) however many there are. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Messages of many templates as a large system writes them: 3 to 30 tokens, few words of which most lines begin, so that
 * leaves of a prefix tree are of very different sizes, and a quarter of the later tokens varying from line to line.
 */
export class GeneratedMessages {
  private readonly random: RandomSource;
  private readonly templates: readonly (readonly string[])[];

  /** @param templates how many, at least 1 */
  constructor(
    private readonly templateCount: number,
    seed: number,
  ) {
    this.random = new RandomSource(seed);
    const firsts = Array.from({ length: 40 + Math.round(templateCount / 25) }, () => this.word());
    const words = Array.from({ length: 3_000 }, () => this.word());
    this.templates = Array.from({ length: templateCount }, (_, index) =>
      this.template(((index + 1) * GOLDEN_RATIO) % 1, firsts, words),
    );
  }

  /** One message of each template. */
  each(): readonly string[] {
    return this.templates.map((template) => this.message(template));
  }

  /**
   * @param isSkewed whether few templates have most of the messages (Zipf's law, exponent 1) as in real logs; otherwise all
   * come equally often, the worst case for caches
   */
  draw(count: number, isSkewed: boolean): readonly string[] {
    return Array.from({ length: count }, () => {
      const index = isSkewed
        ? this.rank(this.templateCount)
        : this.random.int(0, this.templateCount - 1);
      return this.message(this.templates[index] ?? []);
    });
  }

  /** @param quantile of the lengths, which are spread evenly so that lines of few templates are no longer than of many */
  private template(
    quantile: number,
    firsts: readonly string[],
    words: readonly string[],
  ): readonly string[] {
    const length = 3 + Math.min(27, Math.round(-Math.log(1 - quantile) * (MEAN_TOKENS - 3)));
    return Array.from({ length }, (_, index) => {
      if (index === 0) return firsts[this.rank(firsts.length)] ?? '';
      if (index > 1 && this.random.chance(PARAMETER_SHARE)) {
        return this.random.pick(['<number>', '<address>', '<hex>', '<name>']);
      }
      return words[this.random.int(0, words.length - 1)] ?? '';
    });
  }

  private message(template: readonly string[]): string {
    return template.map((token) => (token.startsWith('<') ? this.value(token) : token)).join(' ');
  }

  private value(kind: string): string {
    const { random } = this;
    switch (kind) {
      case '<number>':
        return String(random.int(0, 99_999));
      case '<address>':
        return `10.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}:${random.int(1_024, 65_535)}`;
      case '<hex>':
        return `0x${random.hex(8)}`;
      default:
        return `${this.word()}_${random.int(0, 999)}`;
    }
  }

  private word(): string {
    return Array.from({ length: this.random.int(2, 4) }, () => this.syllable()).join('');
  }

  private syllable(): string {
    return SYLLABLES[this.random.int(0, SYLLABLES.length - 1)] ?? '';
  }

  /** An index below `count` whose chance falls with its rank. */
  private rank(count: number): number {
    return Math.min(count - 1, Math.floor((count + 1) ** this.random.next()) - 1);
  }
}
