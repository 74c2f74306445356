import { WILDCARD } from './cluster-search';
import { DrainTree, type LearnedChange, type SearchStrategy } from './drain-tree';
import type { DrainTreeState } from './drain-tree-state';
import type { GroupingEngine, ReadParameters, TreeChanges } from './grouping-engine';
import { LineCap } from './line-cap';
import { Masker } from './masker';
import { restWildcardOf, type MinerSettings, wildcardOf } from './miner-settings';
import { gaplessEnds, readParameters, tokenRanges, type TemplateParameter } from './parameters';
import { SnapshotFailure } from './snapshot-failure';
import type { TemplateCluster } from './template-cluster';
import { TokenBuffer } from './token-buffer';
import { splitTokens } from './tokens';
import type { DrainTreeChanges } from './tree-changes';

/** Groups lines with the answers of drain3: by their number of tokens, their first tokens, and likeness. */
export class DrainEngine implements GroupingEngine {
  private readonly masker: Masker;
  private readonly tree: DrainTree;
  private readonly cap: LineCap;
  private readonly buffer = new TokenBuffer();
  private readonly wildcard: string;

  constructor(
    private readonly settings: MinerSettings,
    state?: DrainTreeState,
  ) {
    const { masks, maskPrefix, maskSuffix, extraDelimiters, maxTokens, maxBytes } = settings;
    this.wildcard = wildcardOf(settings);
    this.masker = new Masker(masks, maskPrefix, maskSuffix, extraDelimiters);
    this.cap = new LineCap(maxTokens, maxBytes, restWildcardOf(settings));
    const treeSettings = { ...settings, wildcard: this.wildcard };
    this.tree = state ? DrainTree.restore(treeSettings, state) : new DrainTree(treeSettings);
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

  learn(message: string, mayFound: boolean): TemplateCluster | undefined {
    this.tokenise(message);
    return this.tree.learn(this.buffer, mayFound);
  }

  match(
    message: string,
    strategy: SearchStrategy,
  ): { group: TemplateCluster; readParameters: ReadParameters } | undefined {
    this.tokenise(message);
    const group = this.tree.match(this.buffer, strategy);
    if (!group) return undefined;
    const { tokens } = group;
    return {
      group,
      readParameters: () => this.parametersOf(message, (index) => tokens[index] === WILDCARD),
    };
  }

  extractParameters(template: string, message: string): readonly TemplateParameter[] | undefined {
    const expected = splitTokens(template, []);
    const { extraDelimiters } = this.settings;
    const tokens = this.cap.cut(splitTokens(this.masker.mask(message), extraDelimiters));
    const { wildcard } = this;
    const fits =
      expected.length === tokens.length &&
      expected.every((token, index) => token === wildcard || token === tokens[index]);
    return fits ? this.parametersOf(message, (index) => expected[index] === wildcard) : undefined;
  }

  mask(message: string): string {
    return this.masker.mask(message);
  }

  groups(): IterableIterator<TemplateCluster> {
    return this.tree.clusters();
  }

  state(): DrainTreeState {
    return this.tree.state();
  }

  takeChanges(): DrainTreeChanges | undefined {
    return this.tree.takeChanges();
  }

  /** @throws SnapshotFailure when these are changes of another engine, or cannot have come after this state */
  apply(changes: TreeChanges): void {
    if (!('events' in changes)) throw new SnapshotFailure('a record is of another engine');
    this.tree.apply(changes);
  }

  private tokenise(message: string): void {
    this.masker.tokenise(message, this.buffer);
    this.cap.apply(this.buffer);
  }

  private parametersOf(
    message: string,
    isWildcard: (index: number) => boolean,
  ): readonly TemplateParameter[] {
    const masked = this.masker.maskWithSpans(message);
    const ranges = tokenRanges(masked.text, this.settings.extraDelimiters);
    const kept = this.cap.kept(ranges.length, gaplessEnds(ranges));
    return readParameters(message, masked, ranges, isWildcard, kept);
  }
}
