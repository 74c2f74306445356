import { ANY_UNIT, type PatternNode, type UnitSet } from './pattern-syntax';

/** More copies of a counted part are taken for any number of them. */
const MAX_COPIES = 16;
export const MAX_POSITIONS = 400;

/**
 * The positions of an expression and how one may follow another.
 *
 * Source: Glushkov, "The abstract theory of automata", 1961, with the number of ways in which a position follows another,
 * since a backtracking matcher tries each.
 */
export class PatternAutomaton {
  /** For each position, the units it takes: bits of the elementary intervals. */
  readonly masks: bigint[] = [];
  readonly follows: Map<number, number>[] = [];
  readonly looks: PatternNode[] = [];
  hasReference = false;
  private readonly sets: UnitSet[] = [];

  /** @param isSearched whether matching may begin anywhere: then position 0 skips units in front */
  constructor(root: PatternNode, isSearched: boolean) {
    const search = isSearched ? this.add(ANY_UNIT) : -1;
    const built = this.build(root);
    if (search >= 0) {
      this.connect([search], [search]);
      this.connect([search], built.first);
    }
    this.masks = this.buildMasks();
  }

  get size(): number {
    return this.sets.length;
  }

  private add(units: UnitSet): number {
    this.sets.push(units);
    this.follows.push(new Map());
    return this.sets.length - 1;
  }

  private connect(from: readonly number[], to: readonly number[]): void {
    for (const position of from) {
      const follows = this.follows[position] as Map<number, number>;
      for (const next of to) follows.set(next, (follows.get(next) ?? 0) + 1);
    }
  }

  private build(node: PatternNode): Part {
    if (this.size > MAX_POSITIONS) return EMPTY;
    switch (node.kind) {
      case 'set': {
        const position = [this.add(node.units)];
        return { first: position, last: position, isNullable: false };
      }
      case 'edge':
        return EMPTY;
      case 'look':
        this.looks.push(node.body);
        return EMPTY;
      case 'reference':
        this.hasReference = true;
        return EMPTY;
      case 'choice':
        return node.options.map((option) => this.build(option)).reduce(either);
      case 'sequence':
        return node.parts.reduce<Part>((part, next) => this.then(part, this.build(next)), EMPTY);
      case 'repeat':
        return this.repeat(node.body, node.least, node.most);
    }
  }

  private repeat(body: PatternNode, least: number, most: number): Part {
    let part = EMPTY;
    const copies = Math.min(least, MAX_COPIES);
    const isLoop = most > MAX_COPIES;
    for (let copy = 0; copy < copies; copy++) {
      const next = this.build(body);
      if (isLoop && copy === copies - 1) this.connect(next.last, next.first);
      part = this.then(part, next);
    }
    if (isLoop) {
      if (copies > 0) return part;
      const next = this.build(body);
      this.connect(next.last, next.first);
      return { ...next, isNullable: true };
    }
    for (let copy = copies; copy < most; copy++) {
      part = this.then(part, { ...this.build(body), isNullable: true });
    }
    return part;
  }

  private then(part: Part, next: Part): Part {
    this.connect(part.last, next.first);
    return {
      first: part.isNullable ? [...part.first, ...next.first] : part.first,
      last: next.isNullable ? [...part.last, ...next.last] : next.last,
      isNullable: part.isNullable && next.isNullable,
    };
  }

  private buildMasks(): bigint[] {
    const starts = new Set<number>();
    for (const [from, to] of this.sets.flat()) starts.add(from).add(to + 1);
    const ordered = [...starts].sort((left, right) => left - right);
    return this.sets.map((units) => {
      let mask = 0n;
      for (const [index, start] of ordered.entries()) {
        if (units.some(([from, to]) => from <= start && start <= to)) mask |= 1n << BigInt(index);
      }
      return mask;
    });
  }
}

interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly isNullable: boolean;
}

const EMPTY: Part = { first: [], last: [], isNullable: true };

function either(left: Part, right: Part): Part {
  return {
    first: [...left.first, ...right.first],
    last: [...left.last, ...right.last],
    isNullable: left.isNullable || right.isNullable,
  };
}
