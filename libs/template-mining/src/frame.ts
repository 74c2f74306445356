import { WILDCARD } from './cluster-search';

/** What stands in a frame's key for a piece that is no mark. */
export const SLOT = '\u0000';
/** With so few families each is looked at. */
const FEW_FAMILIES = 8;
/** Places of a line, so that a place and a word are one number. */
const PLACES = 512;

/** What a frame notes of a family; only the frame writes `search` and `votes`. */
export interface FrameMember {
  /** Places at which a line must have one of a few words. */
  readonly asked: number;
  /** The last search in which a word of this family was found, and how many were. */
  search: number;
  votes: number;
}

/** The families of lines with the same marks in the same places, by the words at each place. */
export class Frame<Family extends FrameMember> {
  readonly families = new Set<Family>();
  private readonly byWord = new Map<number, Family | Set<Family>>();
  /** Families that a line may be similar to without a word in common. */
  private readonly loose = new Set<Family>();
  private search = 0;
  private found: Family[] = [];

  /** @param key the marks of a line, with `SLOT` for each piece between them */
  constructor(readonly key: string) {}

  get width(): number {
    return this.key.length;
  }

  isSlot(place: number): boolean {
    return this.key[place] === SLOT;
  }

  /** All families that have half of the words that they ask for, and some more. */
  candidates(line: Int32Array): Iterable<Family> {
    if (this.families.size <= FEW_FAMILIES) return this.families;
    this.search++;
    this.found = [...this.loose];
    for (let place = 0; place < this.width; place++) {
      const word = line[place] as number;
      if (word <= WILDCARD || !this.isSlot(place)) continue;
      const families = this.byWord.get(word * PLACES + place);
      if (families instanceof Set) for (const family of families) this.vote(family);
      else if (families) this.vote(families);
    }
    return this.found.filter(({ votes, asked }) => 2 * votes >= asked);
  }

  private vote(family: Family): void {
    if (family.search === this.search) {
      family.votes++;
      return;
    }
    family.search = this.search;
    family.votes = 1;
    if (family.asked > 0) this.found.push(family);
  }

  add(family: Family): void {
    this.families.add(family);
  }

  remove(family: Family): void {
    this.families.delete(family);
    this.loose.delete(family);
  }

  addWord(place: number, word: number, family: Family): void {
    if (word === WILDCARD || !this.isSlot(place)) return;
    const key = word * PLACES + place;
    const families = this.byWord.get(key);
    if (!families) this.byWord.set(key, family);
    else if (families instanceof Set) families.add(family);
    else if (families !== family) this.byWord.set(key, new Set([families, family]));
  }

  removeWord(place: number, word: number, family: Family): void {
    const key = word * PLACES + place;
    const families = this.byWord.get(key);
    if (families === family) this.byWord.delete(key);
    else if (families instanceof Set) {
      families.delete(family);
      if (families.size === 0) this.byWord.delete(key);
    }
  }

  /** To be told when a family asks for more words, or fewer, than before. */
  note(family: Family): void {
    if (family.asked === 0) this.loose.add(family);
    else this.loose.delete(family);
  }
}
