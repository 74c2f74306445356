import { parseDrain3Snapshot } from './drain3-snapshot';
import { DrainTree, type LearnedChange, type SearchStrategy } from './drain-tree';
import { LineCap } from './line-cap';
import type { MaskRule } from './mask-rule';
import { Masker } from './masker';
import { MinerSettingsFailure } from './miner-settings-failure';
import { completeSettings, type MinerSettings } from './miner-settings';
import {
  buildSnapshot,
  type MinerState,
  type MinerSnapshot,
  parseSnapshot,
} from './miner-snapshot';
import { REST, type TemplateParameter } from './parameters';
import { type GroupingStatus, QuarantineWatch } from './quarantine';
import { SnapshotFailure } from './snapshot-failure';
import type { TemplateId } from './template-id';
import { LazyTemplateMatch, ParameterReader, type TemplateMatch } from './template-match';
import { TokenBuffer } from './token-buffer';
import { splitTokens } from './tokens';

/** What learning a line did. */
export interface LearnedLine {
  /** 0 for a refused line. */
  readonly clusterId: number;
  /** `refused`: the source is quarantined, and no template is like the line. */
  readonly change: LearnedChange | 'refused';
  /** The cluster's template with this line in it; the rest wildcard alone for a refused line. */
  readonly template: string;
  /** Lines the cluster has had; of a refused line, how many were refused in this quarantine. */
  readonly size: number;
  readonly clusterCount: number;
}

export interface MinedTemplate {
  readonly clusterId: number;
  readonly id: TemplateId;
  readonly template: string;
  readonly size: number;
}

/** What a miner goes on with after a restart. */
interface KeptParts {
  readonly tree: DrainTree;
  readonly quarantine: QuarantineWatch | undefined;
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
  private readonly cap: LineCap;
  private readonly quarantine: QuarantineWatch | undefined;

  /** @throws MinerSettingsFailure naming the setting that is wrong and why */
  constructor(settings: Partial<MinerSettings> = {}, kept?: KeptParts) {
    this.settings = completeSettings(settings);
    const { masks, maskPrefix, maskSuffix, extraDelimiters, maxTokens, maxBytes, quarantine } =
      this.settings;
    const wildcard = wildcardOf(this.settings);
    this.masker = new Masker(masks, maskPrefix, maskSuffix, extraDelimiters);
    this.cap = new LineCap(maxTokens, maxBytes, `${maskPrefix}${REST}${maskSuffix}`);
    this.tree = kept?.tree ?? new DrainTree({ ...this.settings, wildcard });
    this.quarantine = kept?.quarantine ?? (quarantine && new QuarantineWatch(quarantine));
    this.reader = new ParameterReader(this.masker, extraDelimiters, this.cap);
  }

  /** Adds a line to the most similar cluster, or founds one for it; quarantined, it is only counted instead. */
  learn(message: string): LearnedLine {
    const { tree, quarantine } = this;
    this.tokenise(message);
    const cluster = tree.learn(this.buffer, quarantine?.mayFound ?? true);
    const { lastChange, createdCount, clusterCount } = tree;
    quarantine?.count(createdCount, createdCount - clusterCount);
    if (cluster) {
      const { clusterId, template, size } = cluster;
      return { clusterId, change: lastChange, template, size, clusterCount };
    }
    const size = quarantine?.refuse() ?? 0;
    return { clusterId: 0, change: 'refused', template: this.cap.rest, size, clusterCount };
  }

  /** How lines are taken that no template is like. */
  get grouping(): GroupingStatus {
    return this.quarantine?.status ?? { state: 'grouping' };
  }

  /**
   * Finds the template that a line fits in every token; changes nothing.
   *
   * @param strategy `never` looks only at the branch of the line's first tokens, as learning does; `fallback` looks at
   * all templates of that length when the branch has none; `always` looks at all of them. Among several that fit the
   * one with most wildcards wins, on a tie the older branch.
   */
  match(message: string, strategy: SearchStrategy = 'fallback'): TemplateMatch | undefined {
    this.tokenise(message);
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
    const tokens = this.cap.cut(
      splitTokens(this.masker.mask(message), this.settings.extraDelimiters),
    );
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

  /** Bytes that templates, tokens and branches take, by the formula of the README. */
  get heldBytes(): number {
    return this.tree.heldBytes;
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
    return buildSnapshot(this.settings, {
      tree: this.tree.state(),
      quarantine: this.quarantine?.state(),
    });
  }

  /**
   * Takes over the state of a drain3 0.9.11 miner, plain or compressed.
   *
   * @param masks the masks it was used with, which drain3 does not keep
   * @throws SnapshotFailure when the text is no such state
   */
  static async importDrain3(text: string, masks: readonly MaskRule[]): Promise<TemplateMiner> {
    const { settings, state } = await parseDrain3Snapshot(text);
    return TemplateMiner.build({ ...settings, masks }, { tree: state, quarantine: undefined });
  }

  /** @throws SnapshotFailure when it is truncated, altered, or of another program or version */
  static restore(snapshot: unknown): TemplateMiner {
    const { settings, state } = parseSnapshot(snapshot);
    return TemplateMiner.build(settings, state);
  }

  private static build(settings: Partial<MinerSettings>, state: MinerState): TemplateMiner {
    const complete = keptSettings(settings);
    const tree = DrainTree.restore({ ...complete, wildcard: wildcardOf(complete) }, state.tree);
    const quarantine =
      complete.quarantine &&
      state.quarantine &&
      QuarantineWatch.restore(complete.quarantine, state.quarantine);
    return new TemplateMiner(complete, { tree, quarantine });
  }

  private tokenise(message: string): void {
    this.masker.tokenise(message, this.buffer);
    this.cap.apply(this.buffer);
  }
}

/** @throws SnapshotFailure when no miner has such settings */
function keptSettings(settings: Partial<MinerSettings>): MinerSettings {
  try {
    return completeSettings(settings);
  } catch (error) {
    if (!(error instanceof MinerSettingsFailure)) throw error;
    throw new SnapshotFailure(`settings.${error.message}`, { cause: error });
  }
}

function wildcardOf({ maskPrefix, maskSuffix }: MinerSettings): string {
  return `${maskPrefix}*${maskSuffix}`;
}
