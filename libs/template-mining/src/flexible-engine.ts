import type { LearnedChange, SearchStrategy } from './drain-tree';
import { DEFAULT_MASK_NAMES, DEFAULT_PATTERN } from './default-masks';
import type { FamilyTreeChanges } from './family-changes';
import { FamilyTree } from './family-tree';
import type { FamilyTreeState } from './family-tree-state';
import type { GroupingEngine, ReadParameters, TreeChanges } from './grouping-engine';
import { Masker } from './masker';
import { type MinerSettings, wildcardOf } from './miner-settings';
import { readParameters, type TemplateParameter } from './parameters';
import { PieceBuffer, VARIABLE } from './piece-buffer';
import { PieceScanner } from './piece-scanner';
import { SnapshotFailure } from './snapshot-failure';
import type { RowGroup } from './template-family';

/** Groups lines by their words and marks; lists and values may be of any length. */
export class FlexibleEngine implements GroupingEngine {
  private readonly masker: Masker;
  private readonly scanner: PieceScanner;
  private readonly tree: FamilyTree;
  private readonly buffer = new PieceBuffer();

  constructor(
    private readonly settings: MinerSettings,
    state?: FamilyTreeState,
  ) {
    const { masks, maskPrefix, maskSuffix, maxClusters, maxBytes, maxTokens } = settings;
    // Delimiters become blanks of their own length, so that places stay what they are in the masked line.
    this.masker = new Masker(masks, maskPrefix, maskSuffix, []);
    this.scanner = new PieceScanner(namesOf(settings), maskPrefix, maskSuffix, maxTokens);
    const treeSettings = { maxClusters, maxBytes, wildcard: wildcardOf(settings) };
    this.tree = state ? FamilyTree.restore(treeSettings, state) : new FamilyTree(treeSettings);
  }

  get lastChange(): LearnedChange {
    return this.tree.lastChange;
  }

  get clusterCount(): number {
    return this.tree.clusterCount;
  }

  get createdCount(): number {
    return this.tree.createdCount;
  }

  get tokenCount(): number {
    return this.tree.tokenCount;
  }

  get heldBytes(): number {
    return this.tree.heldBytes;
  }

  learn(message: string, mayFound: boolean): RowGroup | undefined {
    this.readLine(message);
    return this.tree.learn(this.buffer, mayFound);
  }

  match(
    message: string,
    strategy: SearchStrategy,
  ): { group: RowGroup; readParameters: ReadParameters } | undefined {
    this.readLine(message);
    const group = this.tree.match(this.buffer, strategy);
    if (!group) return undefined;
    const { isValue } = group;
    return { group, readParameters: () => this.parametersOf(message, (at) => isValue[at] === 1) };
  }

  extractParameters(template: string, message: string): readonly TemplateParameter[] | undefined {
    const expected = this.piecesOf(template);
    const pieces = this.piecesOf(this.masker.mask(message));
    const wildcard = wildcardOf(this.settings);
    const fits =
      expected.length === pieces.length &&
      expected.every(({ kind, text }, index) => kind === VARIABLE || text === pieces[index]?.text);
    if (!fits) return undefined;
    return this.parametersOf(message, (index) => expected[index]?.text === wildcard);
  }

  mask(message: string): string {
    return this.masker.mask(message);
  }

  groups(): IterableIterator<RowGroup> {
    return this.tree.groups();
  }

  state(): FamilyTreeState {
    return this.tree.state();
  }

  takeChanges(): FamilyTreeChanges | undefined {
    return this.tree.takeChanges();
  }

  /** @throws SnapshotFailure when these are changes of another engine, or cannot have come after this state */
  apply(changes: TreeChanges): void {
    if (!('forgotten' in changes)) throw new SnapshotFailure('a record is of another engine');
    this.tree.apply(changes);
  }

  private readLine(message: string): void {
    if (this.settings.extraDelimiters.length > 0) {
      this.read(this.masker.mask(message));
      return;
    }
    this.buffer.length = this.masker.maskInto(message, this.buffer);
    this.scanner.read(this.buffer);
  }

  private read(masked: string): void {
    let text = masked;
    for (const delimiter of this.settings.extraDelimiters) {
      text = text.replaceAll(delimiter, ' '.repeat(delimiter.length));
    }
    this.buffer.load(text);
    this.scanner.read(this.buffer);
  }

  private piecesOf(masked: string): readonly { kind: number; text: string }[] {
    this.read(masked);
    const { buffer } = this;
    return Array.from({ length: buffer.count }, (_, index) => ({
      kind: buffer.kinds[index] as number,
      text: buffer.text(index),
    }));
  }

  private parametersOf(
    message: string,
    isValue: (index: number) => boolean,
  ): readonly TemplateParameter[] {
    const masked = this.masker.maskWithSpans(message);
    this.read(masked.text);
    const { count, starts, ends } = this.buffer;
    const ranges = Array.from({ length: count }, (_, index) => ({
      start: starts[index] as number,
      end: ends[index] as number,
    }));
    return readParameters(message, masked, ranges, isValue);
  }
}

function namesOf({ masks }: MinerSettings): readonly string[] {
  return masks.flatMap(({ name, pattern }) => {
    if (name !== undefined) return [name];
    if (pattern === DEFAULT_PATTERN) return DEFAULT_MASK_NAMES;
    return Array.from(
      pattern.matchAll(/\(\?<([A-Za-z_$][\w$]*)>/g),
      ([, group]) => group as string,
    );
  });
}
