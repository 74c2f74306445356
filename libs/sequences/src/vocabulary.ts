import { z } from 'zod';
import { FIRST_KEY, type TokenId, UNKNOWN } from './token-id';
import { VocabularyFailure } from './vocabulary-failure';

const FORMAT = 'logbert/vocabulary';
const VERSION = 1;

const snapshotSchema = z.object({
  format: z.literal(FORMAT),
  version: z.number(),
  keys: z.array(z.string()).readonly(),
});

/** A vocabulary as plain data that survives JSON. */
export type VocabularySnapshot = Readonly<z.infer<typeof snapshotSchema>>;

/** The keys a model knows, each with its token; immutable. */
export class Vocabulary {
  /** Number of tokens, the four special ones included. */
  readonly size: number;

  private constructor(
    private readonly keys: readonly string[],
    private readonly tokens: ReadonlyMap<string, TokenId>,
  ) {
    this.size = FIRST_KEY + keys.length;
  }

  /** Gives tokens in order of first appearance; repeated keys are counted once, the empty key is a key. */
  static build(keys: Iterable<string>): Vocabulary {
    const tokens = new Map<string, TokenId>();
    for (const key of keys) {
      if (!tokens.has(key)) tokens.set(key, (FIRST_KEY + tokens.size) as TokenId);
    }
    return new Vocabulary([...tokens.keys()], tokens);
  }

  /** The key's token, `UNKNOWN` when the vocabulary does not have it. */
  encode(key: string): TokenId {
    return this.tokens.get(key) ?? UNKNOWN;
  }

  /** The token's key; undefined for special tokens and for numbers that are no token. */
  keyOf(token: number): string | undefined {
    return token < FIRST_KEY ? undefined : this.keys[token - FIRST_KEY];
  }

  snapshot(): VocabularySnapshot {
    return { format: FORMAT, version: VERSION, keys: [...this.keys] };
  }

  /** @throws VocabularyFailure when it is not a snapshot of this version or a key comes twice */
  static restore(snapshot: unknown): Vocabulary {
    const parsed = snapshotSchema.safeParse(snapshot);
    if (!parsed.success) throw new VocabularyFailure(z.prettifyError(parsed.error));
    const { version, keys } = parsed.data;
    if (version !== VERSION) {
      throw new VocabularyFailure(`version ${version} is not ${VERSION}`);
    }
    const vocabulary = Vocabulary.build(keys);
    if (vocabulary.size !== FIRST_KEY + keys.length) {
      throw new VocabularyFailure('a key comes twice');
    }
    return vocabulary;
  }
}
