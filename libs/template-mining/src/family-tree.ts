import { WILDCARD } from './cluster-search';
import type { LearnedChange, SearchStrategy } from './drain-tree';
import { frameKeyOf, mostSimilar, mostSpecific } from './family-search';
import { FamilyStore } from './family-store';
import { amend, FamilyChanges, type FamilyTreeChanges } from './family-changes';
import {
  type FamilyState,
  familyStateOf,
  type FamilyTreeState,
  restoreRow,
} from './family-tree-state';
import { familyBytes, rowBytes } from './memory-formula';
import { type PieceBuffer, VARIABLE } from './piece-buffer';
import { isLongForm } from './piece-scanner';
import { RowIndex } from './row-index';
import { SnapshotFailure } from './snapshot-failure';
import { type Row, RowGroup, TemplateFamily } from './template-family';
import { TokenTable, UNSEEN } from './token-table';

/** Different rows of a family that are kept apart. */
const MAX_ROWS = 128;

export interface FamilyTreeSettings {
  /** Templates kept; beyond it the least recently used families are forgotten. Undefined: no limit. */
  readonly maxClusters: number | undefined;
  /** Bytes held, by the formula of `memory-formula`; beyond it the same. Undefined: no limit. */
  readonly maxBytes?: number | undefined;
  /** The text that stands for anything. */
  readonly wildcard: string;
}

/**
 * Groups lines into families by their marks and words, and finds the templates of each.
 *
 * A line whose words were seen before costs a look-up in the index of rows. Another is compared with the families of its
 * frame (its marks and the number of pieces between them), joins the most similar one or founds one.
 */
export class FamilyTree {
  private readonly table = new TokenTable();
  private readonly families = new FamilyStore();
  private readonly index = new RowIndex();
  private readonly changes = new FamilyChanges();
  /** Families by the id of their first template, while changes are applied. */
  private byId: Map<number, TemplateFamily> | undefined;
  private groupCount = 0;
  /** What families and rows take, the table apart. */
  private familyBytes = 0;
  private lastClusterId = 0;
  private line = new Int32Array(256);
  private forms = new Int32Array(256);
  private readonly nextId = (): number => ++this.lastClusterId;

  constructor(private readonly settings: FamilyTreeSettings) {
    this.table.hold(settings.wildcard);
  }

  /** What the last line that was learned did to its template. */
  lastChange: LearnedChange = 'none';

  get clusterCount(): number {
    return this.groupCount;
  }

  /** Templates found since the tree began, forgotten and merged ones included. */
  get createdCount(): number {
    return this.lastClusterId;
  }

  get tokenCount(): number {
    return this.table.size;
  }

  /** What the tree takes in memory, by the formula of `memory-formula`. */
  get heldBytes(): number {
    return this.familyBytes + this.table.heldBytes;
  }

  *groups(): IterableIterator<RowGroup> {
    for (const { groups } of this.families.values()) yield* groups;
  }

  /**
   * Adds a line to its template, or finds a new template for it.
   *
   * @param mayFound whether a line that no family is like founds one
   * @returns undefined for a line that may not found one
   */
  learn(buffer: PieceBuffer, mayFound = true): RowGroup | undefined {
    const line = this.read(buffer);
    const { count } = buffer;
    const known = this.index.find(line, count);
    if (known) return this.learnAgain(known, count);

    const key = frameKeyOf(buffer);
    const similar = mostSimilar(this.families.find(key), line);
    if (!similar && !mayFound) return undefined;
    if (similar && this.generaliseLine(similar, line)) {
      const general = this.index.find(line, count);
      if (general) return this.learnAgain(general, count);
    }
    return this.learnRow(similar ?? this.found(key), buffer);
  }

  /**
   * Finds the template of which a line has every word; among several the one with the fewest wildcards.
   *
   * @param strategy `never` looks only at the family that learning would choose, the others at all of the line's frame
   */
  match(buffer: PieceBuffer, strategy: SearchStrategy): RowGroup | undefined {
    const line = this.read(buffer);
    const known = this.index.find(line, buffer.count);
    if (known) return known.group;
    const frame = this.families.find(frameKeyOf(buffer));
    if (!frame) return undefined;
    const nearest = mostSimilar(frame, line);
    const found = nearest && mostSpecific(nearest.groups, line);
    if (found || strategy === 'never') return found;
    const groups = Array.from(frame.candidates(line), (family) => family.groups).flat();
    return mostSpecific(groups, line);
  }

  /** Numbers of a line's pieces, and in `forms` those of how its variables are written. */
  private read(buffer: PieceBuffer): Int32Array {
    const { count, kinds } = buffer;
    if (count > this.line.length) {
      this.line = new Int32Array(count * 2);
      this.forms = new Int32Array(count * 2);
    }
    const { line, forms, table } = this;
    for (let index = 0; index < count; index++) {
      if (kinds[index] === VARIABLE) {
        line[index] = WILDCARD;
        forms[index] = isLongForm(buffer, index) ? WILDCARD : table.find(buffer, index);
      } else {
        line[index] = table.find(buffer, index);
        forms[index] = WILDCARD;
      }
    }
    return line;
  }

  /** Takes the words out of a line where its family keeps none; returns whether there were any. */
  private generaliseLine(
    { isGeneral, frame: { width } }: TemplateFamily,
    line: Int32Array,
  ): boolean {
    let isChanged = false;
    for (let index = 0; index < width; index++) {
      if (isGeneral[index] !== 1 || line[index] === WILDCARD) continue;
      line[index] = WILDCARD;
      this.forms[index] = UNSEEN;
      isChanged = true;
    }
    return isChanged;
  }

  private learnAgain(row: Row, count: number): RowGroup {
    const group = row.group as RowGroup;
    const { forms, family } = row;
    row.count++;
    group.size++;
    row.usedIn = family.usedIn = this.changes.epoch;
    this.lastChange = 'none';
    for (let index = 0; index < count; index++) {
      const form = forms[index] as number;
      if (form === WILDCARD || form === this.forms[index]) continue;
      this.table.release(form);
      forms[index] = WILDCARD;
      group.forgetForm(index);
      row.changedIn = family.changedIn = family.usedIn;
      this.lastChange = 'changed';
    }
    this.families.touch(family);
    return group;
  }

  private learnRow(family: TemplateFamily, buffer: PieceBuffer): RowGroup {
    let row = this.rowOf(buffer, family);
    family.usedIn = family.changedIn = this.changes.epoch;
    const known = family.groupOf(row);
    this.keep(row);
    if (known && family.rows.length <= MAX_ROWS) {
      this.lastChange = known.add(row) ? 'changed' : 'none';
    } else {
      while (family.rows.length > MAX_ROWS) {
        const place = family.mostVaried();
        if (place === undefined) break;
        row = this.generalise(family, place, row);
      }
      const before = this.lastClusterId;
      this.regroup(family);
      this.lastChange = this.lastClusterId > before ? 'created' : 'changed';
    }
    this.families.touch(family);
    this.makeRoom(family);
    return row.group as RowGroup;
  }

  private rowOf(buffer: PieceBuffer, family: TemplateFamily): Row {
    const { count, kinds } = buffer;
    const tokens = new Int32Array(count);
    const forms = new Int32Array(count);
    for (let index = 0; index < count; index++) {
      if (kinds[index] === VARIABLE) {
        if (!isLongForm(buffer, index)) forms[index] = this.table.hold(buffer.text(index));
      } else if (family.isGeneral[index] !== 1) {
        tokens[index] = this.table.hold(buffer.text(index));
      }
    }
    const gaps = buffer.gaps.slice(0, count);
    return {
      tokens,
      forms,
      gaps,
      count: 1,
      family,
      group: undefined,
      usedIn: 0,
      changedIn: 0,
      keptIn: 0,
    };
  }

  private keep(row: Row): void {
    this.index.add(row);
    row.family.add(row);
    this.familyBytes += rowBytes(row.tokens.length);
  }

  private regroup(family: TemplateFamily): void {
    this.groupCount -= family.groups.length;
    family.regroup(this.nextId);
    this.groupCount += family.groups.length;
  }

  /**
   * Gives a place of a family up to values; rows that differ only there become one.
   *
   * @returns the row that has the lines of `watched` now
   */
  private generalise(family: TemplateFamily, place: number, watched: Row): Row {
    const kept: Row[] = [];
    let heir = watched;
    for (const row of family.rows) {
      const token = row.tokens[place] as number;
      if (token === WILDCARD) {
        this.releaseForm(row, place);
        kept.push(row);
        continue;
      }
      this.index.remove(row);
      row.tokens = row.tokens.with(place, WILDCARD);
      this.table.release(token);
      const equal = this.index.find(row.tokens, family.frame.width);
      if (equal?.family !== family) {
        this.index.add(row);
        kept.push(row);
        continue;
      }
      equal.count += row.count;
      equal.group ??= row.group;
      for (const [index, form] of equal.forms.entries()) {
        if (form !== row.forms[index]) this.releaseForm(equal, index);
      }
      this.forget(row);
      if (row === watched) heir = equal;
    }
    family.generalise(place, kept);
    family.mergedIn = this.changes.epoch;
    return heir;
  }

  private releaseForm({ forms }: Row, index: number): void {
    if (forms[index] !== WILDCARD) this.table.release(forms[index] as number);
    forms[index] = WILDCARD;
  }

  /** Lets go of what a row holds that is in the index no more. */
  private forget({ tokens, forms }: Row): void {
    for (const token of tokens) if (token !== WILDCARD) this.table.release(token);
    for (const form of forms) if (form !== WILDCARD) this.table.release(form);
    this.familyBytes -= rowBytes(tokens.length);
  }

  private found(key: string): TemplateFamily {
    const family = new TemplateFamily(this.families.frameOf(key), this.table);
    this.families.add(family);
    this.familyBytes += familyBytes(key.length);
    return family;
  }

  /** Forgets the least recently used families, never the one in use. */
  private makeRoom(current: TemplateFamily): void {
    const { maxClusters = Infinity, maxBytes = Infinity } = this.settings;
    while (this.groupCount > maxClusters || this.heldBytes > maxBytes) {
      const { oldest } = this.families;
      if (!oldest || oldest === current) return;
      this.changes.forgotten(oldest);
      this.drop(oldest);
    }
  }

  private drop(family: TemplateFamily): void {
    this.families.remove(family);
    this.familyBytes -= familyBytes(family.frame.width);
    this.groupCount -= family.groups.length;
    for (const row of family.rows) {
      this.index.remove(row);
      this.forget(row);
    }
  }

  state(): FamilyTreeState {
    const families = Array.from(this.families.values(), (family) =>
      familyStateOf(family, this.table),
    );
    return { lastClusterId: this.lastClusterId, families };
  }

  /** What happened since this was last asked; undefined the first time. */
  takeChanges(): FamilyTreeChanges | undefined {
    this.byId = undefined;
    return this.changes.take(this.families, this.table, this.lastClusterId);
  }

  /**
   * Does again what happened to a tree of the same state.
   *
   * @throws SnapshotFailure when it cannot have happened to this one; what the tree is then is undefined
   */
  apply({ lastClusterId, forgotten, used }: FamilyTreeChanges): void {
    this.lastClusterId = lastClusterId;
    const byId = (this.byId ??= new Map(
      Array.from(this.families.values(), (family) => [family.foundingId, family]),
    ));
    const take = (id: number): TemplateFamily => {
      const family = byId.get(id);
      if (!family) throw new SnapshotFailure(`there is no family of cluster ${id}`);
      byId.delete(id);
      return family;
    };
    for (const id of forgotten) this.drop(take(id));
    for (const [id, now] of used) {
      const known = id === null ? undefined : take(id);
      if ('rows' in now) {
        if (known) this.drop(known);
        const family = this.restoreFamily(now);
        byId.set(family.foundingId, family);
      } else {
        if (!known) throw new SnapshotFailure('a new family has no rows');
        if ('added' in now) {
          for (const row of amend(known, now, this.table)) this.keep(row);
          this.regroup(known);
        } else {
          for (const [row, count] of now) known.recount(row, count);
        }
        this.families.touch(known);
        byId.set(known.foundingId, known);
      }
    }
    if (this.lastClusterId !== lastClusterId) {
      throw new SnapshotFailure(`the last cluster is ${this.lastClusterId}, not ${lastClusterId}`);
    }
  }

  /** @throws SnapshotFailure when parts of the state do not fit each other */
  static restore(settings: FamilyTreeSettings, state: FamilyTreeState): FamilyTree {
    const tree = new FamilyTree(settings);
    tree.lastClusterId = state.lastClusterId;
    for (const family of state.families) tree.restoreFamily(family);
    return tree;
  }

  private restoreFamily({ frame, general, rows }: FamilyState): TemplateFamily {
    if (rows.length === 0) throw new SnapshotFailure('a family has no row');
    const family = this.found(frame);
    for (const place of general) {
      if (place >= frame.length) throw new SnapshotFailure(`place ${place} is beyond its frame`);
      family.isGeneral[place] = 1;
    }
    const groups = new Map<number, RowGroup>();
    for (const row of rows) {
      const { clusterId } = row;
      if (clusterId > this.lastClusterId) {
        throw new SnapshotFailure(`cluster ${clusterId} is younger than the last one`);
      }
      const group = groups.get(clusterId) ?? new RowGroup(clusterId, this.table);
      groups.set(clusterId, group);
      this.keep(restoreRow(row, family, group, this.table));
    }
    this.regroup(family);
    return family;
  }
}
