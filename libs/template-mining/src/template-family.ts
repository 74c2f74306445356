import { WILDCARD } from './cluster-search';
import type { Frame, FrameMember } from './frame';
import { SnapshotFailure } from './snapshot-failure';
import { templateIdOf, type TemplateId } from './template-id';
import type { TokenTable } from './token-table';
import { hasDigit } from './tokens';

/** Different words at a place up to which each is part of a statement of its own. */
const MAX_CHOICES = 8;
/** The same where one of the words has a digit in it: such words are rather names of things. */
const MAX_NUMBERED_CHOICES = 3;

/** Lines of a family that have the same words. */
export interface Row {
  /** A number a piece: of the word or mask, the wildcard for what varies. Replaced, never written. */
  tokens: Int32Array;
  /** A number a piece: of the text of a variable, the wildcard where lines write it differently. */
  readonly forms: Int32Array;
  /** 1 where white space stands before a piece. */
  readonly gaps: Uint8Array;
  count: number;
  readonly family: TemplateFamily;
  group: RowGroup | undefined;
  /** Numbers of the accounts of changes in which it took a line last, and in which it lost a form last. */
  usedIn: number;
  changedIn: number;
  /** Id of its template when an account of changes began. */
  keptIn: number;
}

/** One template: the rows of a family that differ only where words are values. */
export class RowGroup {
  rows: Row[] = [];
  /** Lines that were learned. */
  size = 0;
  /** A number a piece, the wildcard where anything fits. Replaced, never written. */
  tokens: Int32Array = new Int32Array(0);
  wildcards = 0;
  /** A number a piece: of a variable's text where all lines write it alike, else the wildcard. */
  private forms: Int32Array = new Int32Array(0);
  private values: Uint8Array | undefined;
  private text: string | undefined;
  private hash: TemplateId | undefined;

  constructor(
    readonly clusterId: number,
    private readonly table: TokenTable,
  ) {}

  get template(): string {
    return (this.text ??= this.render());
  }

  get id(): TemplateId {
    return (this.hash ??= templateIdOf(this.template));
  }

  /** 1 at pieces that are values; a variable that all lines write alike (`<IP>/<NUM>`) is none. Replaced, never written. */
  get isValue(): Uint8Array {
    return (this.values ??= Uint8Array.from(this.tokens, (token, index) =>
      token === WILDCARD && this.forms[index] === WILDCARD ? 1 : 0,
    ));
  }

  /** Begins anew with these rows, one at least. */
  take(rows: Row[]): void {
    const [first, ...others] = rows as [Row, ...Row[]];
    this.rows = rows;
    this.tokens = commonTokens(rows);
    this.wildcards = this.tokens.filter((token) => token === WILDCARD).length;
    this.forms = first.forms.slice();
    this.size = 0;
    for (const row of others) this.blend(row);
    for (const row of rows) {
      row.group = this;
      this.size += row.count;
    }
    this.forgetText();
  }

  /** Takes a row with this template's words; returns whether that changes its text. */
  add(row: Row): boolean {
    this.rows.push(row);
    row.group = this;
    this.size += row.count;
    const isChanged = this.blend(row);
    if (isChanged) this.forgetText();
    return isChanged;
  }

  /** Counts a line of a row that writes the variable at a place in another way than the lines before. */
  forgetForm(index: number): void {
    this.forms[index] = WILDCARD;
    this.forgetText();
  }

  /** Whether a line has this template's words; anything fits its wildcards. */
  fits(line: Int32Array): boolean {
    const { tokens } = this;
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index] as number;
      if (token !== WILDCARD && token !== line[index]) return false;
    }
    return true;
  }

  /** Keeps of the forms those that a row has, too; returns whether one was lost. */
  private blend(row: Row): boolean {
    const { forms } = this;
    let isChanged = false;
    for (let index = 0; index < forms.length; index++) {
      // A word has no form.
      if (forms[index] === WILDCARD || forms[index] === row.forms[index]) continue;
      forms[index] = WILDCARD;
      isChanged = true;
    }
    return isChanged;
  }

  private forgetText(): void {
    this.values = undefined;
    this.text = undefined;
    this.hash = undefined;
  }

  private render(): string {
    const { gaps = [] } = this.rows[0] ?? {};
    let text = '';
    for (const [index, token] of this.tokens.entries()) {
      if (gaps[index] === 1 && text !== '') text += ' ';
      text += this.table.textOf(token === WILDCARD ? (this.forms[index] as number) : token);
    }
    return text;
  }
}

/**
 * Similar lines with the same marks in the same places, and the templates among them.
 *
 * A place where few words alternate is part of the statement (`VM Started`, `VM Paused`) and tells templates apart; one
 * with more words, or with a variable, holds a value. Which is which is asked anew within each part, the place with
 * the fewest words first, so that what one statement varies does not blur another.
 *
 * Source: the order of the questions is that of IPLoM (Makanju, Zincir-Heywood & Milios, KDD 2009), several templates a
 * cluster that of PIPLUP (Qin, Wu, Li & Merlo, "Plug it and Play on Logs", 2025).
 */
export class TemplateFamily implements FrameMember {
  rows: Row[] = [];
  groups: readonly RowGroup[] = [];
  /** Neighbours in the order of use; only the store writes them. */
  older: TemplateFamily | undefined;
  newer: TemplateFamily | undefined;
  /** 1 at places whose words are no longer kept. */
  readonly isGeneral: Uint8Array;
  /** A word a place: that of the first row. */
  private first: Int32Array = new Int32Array(0);
  /** All words of the places that have more than one. */
  private readonly varied = new Map<number, Set<number>>();

  asked = 0;
  search = 0;
  votes = 0;

  /** Numbers of the accounts of changes in which a line came last, rows changed last, and rows became one last. */
  usedIn = 0;
  changedIn = 0;
  mergedIn = 0;
  /** How many rows it had when an account of changes began. */
  keptRows = 0;
  /** The id of its first template when an account of changes began; undefined for one that was not there. */
  keptAs: number | undefined;

  constructor(
    readonly frame: Frame<TemplateFamily>,
    private readonly table: TokenTable,
  ) {
    this.isGeneral = new Uint8Array(frame.width);
  }

  /** The id of the first template: families of one frame differ in it. */
  get foundingId(): number {
    return this.groups.reduce((least, { clusterId }) => Math.min(least, clusterId), Infinity);
  }

  /**
   * The share of a line's pieces that this family has at their places; places that vary do not count.
   *
   * @returns in [0, 1]; 1 where every place varies
   */
  similarityTo(line: Int32Array): number {
    const { frame, isGeneral, first, varied } = this;
    let equal = 0;
    let compared = 0;
    for (let index = 0; index < frame.width; index++) {
      if (isGeneral[index] === 1 || !frame.isSlot(index)) continue;
      const token = line[index] as number;
      const words = varied.size > 0 ? varied.get(index) : undefined;
      if (words && words.size > MAX_CHOICES) continue;
      const isKnown = words ? words.has(token) : token === first[index];
      if (isKnown && token === WILDCARD) continue;
      compared++;
      if (isKnown) equal++;
    }
    return compared === 0 ? 1 : equal / compared;
  }

  add(row: Row): void {
    const isFirst = this.rows.length === 0;
    if (isFirst) this.first = row.tokens.slice();
    this.rows.push(row);
    let isChanged = isFirst;
    for (const [place, token] of row.tokens.entries()) {
      if (isFirst) this.frame.addWord(place, token, this);
      else if (this.addWord(place, token)) isChanged = true;
    }
    if (isChanged) this.ask();
  }

  /** @returns whether the place did not have that word before */
  private addWord(place: number, token: number): boolean {
    const first = this.first[place] as number;
    const words = this.varied.get(place);
    if (words ? words.has(token) : token === first) return false;
    if (words) words.add(token);
    else this.varied.set(place, new Set([first, token]));
    const count = words?.size ?? 2;
    if (count <= MAX_CHOICES) this.frame.addWord(place, token, this);
    else if (count === MAX_CHOICES + 1) this.forgetWords(place);
    return true;
  }

  private forgetWords(place: number): void {
    const words = this.varied.get(place) ?? [this.first[place] as number];
    for (const word of words) this.frame.removeWord(place, word, this);
  }

  /** Counts the places at which a line must have one of a few words. */
  private ask(): void {
    this.asked = 0;
    for (let place = 0; place < this.frame.width; place++) {
      if (this.isGeneral[place] === 1 || !this.frame.isSlot(place)) continue;
      const words = this.varied.get(place);
      const isValue = words
        ? words.size > MAX_CHOICES || words.has(WILDCARD)
        : this.first[place] === WILDCARD;
      if (!isValue) this.asked++;
    }
    this.frame.note(this);
  }

  /**
   * Gives a row a number of lines.
   *
   * @throws SnapshotFailure when there is no such row
   */
  recount(place: number, count: number): void {
    const row = this.rows[place];
    if (!row?.group) throw new SnapshotFailure(`a family has no row ${place}`);
    row.group.size += count - row.count;
    row.count = count;
  }

  /** Takes this family out of its frame. */
  leave(): void {
    for (let place = 0; place < this.frame.width; place++) this.forgetWords(place);
    this.frame.remove(this);
  }

  /** The place with most different words, marks and general ones aside; undefined when none has two. */
  mostVaried(): number | undefined {
    let place: number | undefined;
    let most = 2;
    for (const [index, { size }] of this.varied) {
      if (size < most || (size === most && place !== undefined && place < index)) continue;
      most = size;
      place = index;
    }
    return place;
  }

  /** Gives a place up to values; the caller gives the rows that remain. */
  generalise(place: number, rows: Row[]): void {
    this.forgetWords(place);
    this.isGeneral[place] = 1;
    this.first[place] = WILDCARD;
    this.varied.delete(place);
    this.rows = rows;
    this.ask();
  }

  /**
   * The template that a new row is of without any question being asked anew: one whose words it has. Where the rows of a
   * template differ, more words than these only make it plainer that they are values.
   */
  groupOf(row: Row): RowGroup | undefined {
    return this.groups.find((group) => group.fits(row.tokens));
  }

  /**
   * Finds the templates among the rows; a template keeps its id as long as one of its rows is left in it.
   *
   * @param nextId gives the id of a template that is new
   */
  regroup(nextId: () => number): void {
    const parts: Row[][] = [];
    this.split(this.rows, parts);
    const taken = new Set<RowGroup>();
    this.groups = parts.map((rows) => {
      const group = heirOf(rows, taken) ?? new RowGroup(nextId(), this.table);
      taken.add(group);
      return group;
    });
    for (const [index, group] of this.groups.entries()) group.take(parts[index] as Row[]);
  }

  private split(rows: Row[], parts: Row[][]): void {
    const place = rows.length === 1 ? undefined : this.choiceAmong(rows);
    if (place === undefined) {
      parts.push([...rows]);
      return;
    }
    const byWord = new Map<number, Row[]>();
    for (const row of rows) {
      const word = row.tokens[place] as number;
      const part = byWord.get(word);
      if (part) part.push(row);
      else byWord.set(word, [row]);
    }
    for (const part of byWord.values()) this.split(part, parts);
  }

  /** The place with the fewest words, two at least, that may each be part of a statement. */
  private choiceAmong(rows: readonly Row[]): number | undefined {
    let place: number | undefined;
    let fewest = MAX_CHOICES;
    for (const index of this.varied.keys()) {
      const words = new Set<number>();
      for (const { tokens } of rows) {
        const token = tokens[index] as number;
        words.add(token);
        if (token === WILDCARD || words.size > fewest) break;
      }
      if (words.size < 2 || words.size > fewest || words.has(WILDCARD)) continue;
      if (words.size === fewest && place !== undefined && place < index) continue;
      if (words.size > MAX_NUMBERED_CHOICES && this.isNumbered(words)) continue;
      place = index;
      fewest = words.size;
    }
    return place;
  }

  private isNumbered(words: ReadonlySet<number>): boolean {
    for (const word of words) if (hasDigit(this.table.textOf(word))) return true;
    return false;
  }
}

/** The oldest template of these rows that no other part has. */
function heirOf(rows: readonly Row[], taken: ReadonlySet<RowGroup>): RowGroup | undefined {
  let heir: RowGroup | undefined;
  for (const { group } of rows) {
    if (group && !taken.has(group) && (!heir || group.clusterId < heir.clusterId)) heir = group;
  }
  return heir;
}

function commonTokens(rows: readonly Row[]): Int32Array {
  const common = Int32Array.from(rows[0]?.tokens ?? []);
  for (const { tokens } of rows) {
    for (let index = 0; index < common.length; index++) {
      if (common[index] !== tokens[index]) common[index] = WILDCARD;
    }
  }
  return common;
}
