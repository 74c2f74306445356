import { SnapshotFailure } from './snapshot-failure';

/** JSON as it was written: an object's keys in their order, whatever their names. */
export type OrderedJson =
  string | number | boolean | null | readonly OrderedJson[] | ReadonlyMap<string, OrderedJson>;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = { true: true, false: false, null: null } as const;

/**
 * Reads JSON into maps, since objects would sort keys that look like numbers and lose `__proto__`.
 *
 * @throws SnapshotFailure when it is not JSON, names a key twice or nests deeper than `maxNesting`
 */
export function parseOrderedJson(text: string, maxNesting: number): OrderedJson {
  const reader = new Reader(text, maxNesting);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly maxNesting: number,
  ) {}

  value(level: number): OrderedJson {
    if (level > this.maxNesting) throw new SnapshotFailure('it nests too deeply');
    this.skipSpace();
    const first = this.text[this.at];
    if (first === '{') return this.object(level);
    if (first === '[') return this.array(level);
    if (first === '"') return this.string();
    for (const [word, value] of Object.entries(LITERALS)) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.number();
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) throw this.failure();
  }

  private object(level: number): ReadonlyMap<string, OrderedJson> {
    const object = new Map<string, OrderedJson>();
    this.at++;
    if (this.isNext('}')) return object;
    do {
      this.skipSpace();
      if (this.text[this.at] !== '"') throw this.failure();
      const key = this.string();
      if (object.has(key)) throw new SnapshotFailure(`the key ${key} comes twice`);
      if (!this.isNext(':')) throw this.failure();
      object.set(key, this.value(level + 1));
    } while (this.isNext(','));
    if (!this.isNext('}')) throw this.failure();
    return object;
  }

  private array(level: number): readonly OrderedJson[] {
    const array: OrderedJson[] = [];
    this.at++;
    if (this.isNext(']')) return array;
    do array.push(this.value(level + 1));
    while (this.isNext(','));
    if (!this.isNext(']')) throw this.failure();
    return array;
  }

  private string(): string {
    let end = this.at + 1;
    for (; this.text[end] !== '"'; end++) {
      if (end >= this.text.length) throw this.failure();
      if (this.text[end] === '\\') end++;
    }
    const literal = this.text.slice(this.at, end + 1);
    this.at = end + 1;
    try {
      return JSON.parse(literal) as string;
    } catch (error) {
      throw new SnapshotFailure(`not JSON: ${(error as Error).message}`, { cause: error });
    }
  }

  private number(): number {
    NUMBER.lastIndex = this.at;
    const literal = NUMBER.exec(this.text)?.[0];
    if (literal === undefined) throw this.failure();
    this.at += literal.length;
    return Number(literal);
  }

  private isNext(character: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private skipSpace(): void {
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
  }

  private failure(): SnapshotFailure {
    return new SnapshotFailure(`not JSON at character ${this.at}`);
  }
}
