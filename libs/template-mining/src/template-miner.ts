import { parseDrain3Snapshot } from './drain3-snapshot';
import { DrainTree, type LearnedChange, type SearchStrategy } from './drain-tree';
import type { DrainTreeState } from './drain-tree-state';
import type { MaskRule } from './mask-rule';
import { Masker } from './masker';
import { completeSettings, type MinerSettings } from './miner-settings';
import { buildSnapshot, type MinerSnapshot, parseSnapshot } from './miner-snapshot';
import type { TemplateParameter } from './parameters';
import type { TemplateId } from './template-id';
import { LazyTemplateMatch, ParameterReader, type TemplateMatch } from './template-match';
import { TokenBuffer } from './token-buffer';
import { splitTokens } from './tokens';

/** What learning a line did. */
export interface LearnedLine {
  readonly clusterId: number;
  readonly change: LearnedChange;
  /** The cluster's template with this line in it. */
  readonly template: string;
  /** Lines the cluster has had. */
  readonly size: number;
  readonly clusterCount: number;
}

export interface MinedTemplate {
  readonly clusterId: number;
  readonly id: TemplateId;
  readonly template: string;
  readonly size: number;
}

/**
 * Finds the templates of log lines: masks what is known to vary, then groups lines in Drain's prefix tree.
 *
 * No line makes `learn` or `match` throw.
 */
export class TemplateMiner {
  readonly settings: MinerSettings;
  private readonly masker: Masker;
  private readonly tree: DrainTree;
  private readonly reader: ParameterReader;
  private readonly buffer = new TokenBuffer();

  /** @throws MinerSettingsFailure naming the setting that is wrong and why */
  constructor(settings: Partial<MinerSettings> = {}, tree?: DrainTree) {
    this.settings = completeSettings(settings);
    const { masks, maskPrefix, maskSuffix, extraDelimiters } = this.settings;
    const wildcard = wildcardOf(this.settings);
    this.masker = new Masker(masks, maskPrefix, maskSuffix, extraDelimiters);
    this.tree = tree ?? new DrainTree({ ...this.settings, wildcard });
    this.reader = new ParameterReader(this.masker, extraDelimiters);
  }

  /** Adds a line to the most similar cluster, or founds one for it. */
  learn(message: string): LearnedLine {
    this.masker.tokenise(message, this.buffer);
    const { clusterId, template, size } = this.tree.learn(this.buffer);
    const { lastChange: change, clusterCount } = this.tree;
    return { clusterId, change, template, size, clusterCount };
  }

  /**
   * Finds the template that a line fits in every token; changes nothing.
   *
   * @param strategy `never` looks only at the branch of the line's first tokens, as learning does; `fallback` looks at
   * all templates of that length when the branch has none; `always` looks at all of them. Among several that fit the
   * one with most wildcards wins, on a tie the older branch.
   */
  match(message: string, strategy: SearchStrategy = 'fallback'): TemplateMatch | undefined {
    this.masker.tokenise(message, this.buffer);
    const cluster = this.tree.match(this.buffer, strategy);
    return cluster && new LazyTemplateMatch(cluster, message, this.reader);
  }

  /**
   * Reads the variable parts of a line.
   *
   * @returns undefined when the line does not fit the template
   */
  extractParameters(template: string, message: string): readonly TemplateParameter[] | undefined {
    const expected = splitTokens(template, []);
    const tokens = splitTokens(this.masker.mask(message), this.settings.extraDelimiters);
    const wildcard = wildcardOf(this.settings);
    const fits =
      expected.length === tokens.length &&
      expected.every((token, index) => token === wildcard || token === tokens[index]);
    return fits ? this.reader.read(message, (index) => expected[index] === wildcard) : undefined;
  }

  /** Different tokens in memory, those of empty branches included. */
  get tokenCount(): number {
    return this.tree.tokenCount;
  }

  templates(): readonly MinedTemplate[] {
    return Array.from(this.tree.clusters(), ({ clusterId, id, template, size }) => ({
      clusterId,
      id,
      template,
      size,
    }));
  }

  /** The line with its masks in place, as the tree sees it. */
  mask(message: string): string {
    return this.masker.mask(message);
  }

  snapshot(): MinerSnapshot {
    return buildSnapshot(this.settings, this.tree.state());
  }

  /**
   * Takes over the state of a drain3 0.9.11 miner, plain or compressed.
   *
   * @param masks the masks it was used with, which drain3 does not keep
   * @throws SnapshotFailure when the text is no such state
   */
  static async importDrain3(text: string, masks: readonly MaskRule[]): Promise<TemplateMiner> {
    const { settings, state } = await parseDrain3Snapshot(text);
    return TemplateMiner.build(completeSettings({ ...settings, masks }), state);
  }

  /** @throws SnapshotFailure when it is truncated, altered, or of another program or version */
  static restore(snapshot: unknown): TemplateMiner {
    const { settings, state } = parseSnapshot(snapshot);
    return TemplateMiner.build(completeSettings(settings), state);
  }

  private static build(settings: MinerSettings, state: DrainTreeState): TemplateMiner {
    const tree = DrainTree.restore({ ...settings, wildcard: wildcardOf(settings) }, state);
    return new TemplateMiner(settings, tree);
  }
}

function wildcardOf({ maskPrefix, maskSuffix }: MinerSettings): string {
  return `${maskPrefix}*${maskSuffix}`;
}
