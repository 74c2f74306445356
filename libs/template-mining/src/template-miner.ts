import { parseDrain3Snapshot } from './drain3-snapshot';
import { DrainEngine } from './drain-engine';
import type { LearnedChange, SearchStrategy } from './drain-tree';
import { FlexibleEngine } from './flexible-engine';
import type { EngineState, GroupingEngine } from './grouping-engine';
import type { MaskRule } from './mask-rule';
import { MinerSettingsFailure } from './miner-settings-failure';
import { completeSettings, type MinerSettings, restWildcardOf } from './miner-settings';
import type { MinerChanges } from './miner-changes';
import {
  buildSnapshot,
  buildSnapshotText,
  type MinerSnapshot,
  type MinerState,
  parseSnapshot,
  parseSnapshotText,
} from './miner-snapshot';
import type { TemplateParameter } from './parameters';
import { type GroupingStatus, QuarantineWatch } from './quarantine';
import { SnapshotFailure } from './snapshot-failure';
import type { SnapshotText } from './snapshot-text';
import type { TemplateId } from './template-id';
import { LazyTemplateMatch, type TemplateMatch } from './template-match';

const ENGINES = { drain: DrainEngine, flexible: FlexibleEngine } as const;

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
  readonly engine: GroupingEngine;
  readonly quarantine: QuarantineWatch | undefined;
}

/**
 * Finds the templates of log lines: masks what is known to vary, then groups lines by what they have in common.
 *
 * No line makes `learn` or `match` throw.
 */
export class TemplateMiner {
  readonly settings: MinerSettings;
  private readonly engine: GroupingEngine;
  private readonly quarantine: QuarantineWatch | undefined;
  /** Whether a line was refused since changes were taken last: it changes no template. */
  private hasRefused = false;

  /** @throws MinerSettingsFailure naming the setting that is wrong and why */
  constructor(settings: Partial<MinerSettings> = {}, kept?: KeptParts) {
    this.settings = completeSettings(settings);
    const { engine, quarantine } = this.settings;
    this.engine = kept?.engine ?? new ENGINES[engine](this.settings);
    this.quarantine = kept?.quarantine ?? (quarantine && new QuarantineWatch(quarantine));
  }

  /** Adds a line to the template it is like, or founds one for it; quarantined, it is only counted instead. */
  learn(message: string): LearnedLine {
    const { engine, quarantine } = this;
    const group = engine.learn(message, quarantine?.mayFound ?? true);
    const { lastChange, createdCount, clusterCount } = engine;
    quarantine?.count(createdCount, createdCount - clusterCount);
    if (group) {
      const { clusterId, template, size } = group;
      return { clusterId, change: lastChange, template, size, clusterCount };
    }
    this.hasRefused = true;
    const size = quarantine?.refuse() ?? 0;
    const template = restWildcardOf(this.settings);
    return { clusterId: 0, change: 'refused', template, size, clusterCount };
  }

  /** How lines are taken that no template is like. */
  get grouping(): GroupingStatus {
    return this.quarantine?.status ?? { state: 'grouping' };
  }

  /**
   * Finds the template that a line fits in every token; changes nothing.
   *
   * @param strategy where to look. `never`: only where learning would put the line; `fallback`: where that finds none, at
   * all templates of its shape; `always`: at all of them. Among several that fit, Drain's engine takes the one with most
   * wildcards, on a tie the older branch, as drain3 does; the flexible engine the one with fewest
   */
  match(message: string, strategy: SearchStrategy = 'fallback'): TemplateMatch | undefined {
    const found = this.engine.match(message, strategy);
    return found && new LazyTemplateMatch(found.group, found.readParameters);
  }

  /**
   * Reads the variable parts of a line.
   *
   * @returns undefined when the line does not fit the template
   */
  extractParameters(template: string, message: string): readonly TemplateParameter[] | undefined {
    return this.engine.extractParameters(template, message);
  }

  /** Different tokens in memory, those of empty branches included. */
  get tokenCount(): number {
    return this.engine.tokenCount;
  }

  /** Bytes that templates, tokens and branches take, by the formula of the README. */
  get heldBytes(): number {
    return this.engine.heldBytes;
  }

  templates(): readonly MinedTemplate[] {
    return Array.from(this.engine.groups(), ({ clusterId, id, template, size }) => ({
      clusterId,
      id,
      template,
      size,
    }));
  }

  /** The line with its masks in place, as it is grouped. */
  mask(message: string): string {
    return this.engine.mask(message);
  }

  snapshot(): MinerSnapshot {
    return buildSnapshot(this.settings, this.state());
  }

  /** The snapshot's JSON in pieces: the state of this moment, whatever is learned until all are taken. */
  snapshotText(): SnapshotText {
    return buildSnapshotText(this.settings, this.state());
  }

  private state(): MinerState {
    return { engine: this.engine.state(), quarantine: this.quarantine?.state() };
  }

  /** What was learned since this was last asked; undefined when it never was, or a snapshot says it shorter. */
  takeChanges(): (MinerChanges & { readonly hasRefused: boolean }) | undefined {
    const tree = this.engine.takeChanges();
    const { hasRefused } = this;
    this.hasRefused = false;
    return tree && { tree, quarantine: this.quarantine?.state(), hasRefused };
  }

  /**
   * Does again what a miner of the same state has learned.
   *
   * @throws SnapshotFailure when these changes cannot have come after this state; then the miner is of no more use
   */
  applyChanges({ tree, quarantine }: MinerChanges): void {
    this.engine.apply(tree);
    if (quarantine) this.quarantine?.resume(quarantine);
  }

  /**
   * Takes over the state of a drain3 0.9.11 miner, plain or compressed.
   *
   * @param masks the masks it was used with, which drain3 does not keep
   * @throws SnapshotFailure when the text is no such state
   */
  static async importDrain3(text: string, masks: readonly MaskRule[]): Promise<TemplateMiner> {
    const { settings, state } = await parseDrain3Snapshot(text);
    const drainSettings = { ...settings, masks, engine: 'drain' } as const;
    return TemplateMiner.build(drainSettings, { engine: state, quarantine: undefined });
  }

  /** @throws SnapshotFailure when it is truncated, altered, or of another program or version */
  static restore(snapshot: unknown): TemplateMiner {
    const { settings, state } = parseSnapshot(snapshot);
    return TemplateMiner.build(settings, state);
  }

  /**
   * @param text the pieces of `snapshotText`, joined
   * @throws SnapshotFailure when a character is missing, altered or too many
   */
  static restoreText(text: string): { readonly miner: TemplateMiner; readonly checksum: string } {
    const { settings, state, checksum } = parseSnapshotText(text);
    return { miner: TemplateMiner.build(settings, state), checksum };
  }

  private static build(settings: Partial<MinerSettings>, state: MinerState): TemplateMiner {
    const complete = keptSettings(settings);
    const engine = restoreEngine(complete, state.engine);
    const quarantine =
      complete.quarantine &&
      state.quarantine &&
      new QuarantineWatch(complete.quarantine).resume(state.quarantine);
    return new TemplateMiner(complete, { engine, quarantine });
  }
}

function restoreEngine(settings: MinerSettings, state: EngineState): GroupingEngine {
  const isFlexible = 'families' in state;
  if (isFlexible !== (settings.engine === 'flexible')) {
    throw new SnapshotFailure(`the state is not that of a ${settings.engine} engine`);
  }
  return isFlexible ? new FlexibleEngine(settings, state) : new DrainEngine(settings, state);
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
