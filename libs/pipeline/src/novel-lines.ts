import type { DetectionConfig } from '@logbert/contracts';
import type { LogRecord } from '@logbert/log-records';
import {
  BOUNDED_MEMORY,
  DEFAULT_MASKS,
  type GroupingStatus,
  type TemplateId,
  type TemplateMatch,
  templateIdOf,
  TemplateMiner,
} from '@logbert/template-mining';

/** Template of the lines that cannot be grouped while their source is quarantined. */
export const UNGROUPED_TEMPLATE = '<...>';
const UNGROUPED_ID = templateIdOf(UNGROUPED_TEMPLATE);
/** Announced templates are remembered for so many times as many as the miner holds; then all are announced anew. */
const ANNOUNCED_PER_TEMPLATE = 10;

/** Where a novel line belongs. */
export interface NovelLine {
  readonly templateId: TemplateId;
  readonly cluster: number;
}

export interface NovelTemplate {
  readonly id: string;
  readonly template: string;
  readonly service: string;
}

/**
 * Groups the lines that no template of the model fits, in a miner of their own that a flood of nonsense cannot fill.
 *
 * A line keeps its group when it cannot have one of its own: those of a quarantined source are one group, `<...>`.
 */
export class NovelLines {
  private miner: TemplateMiner;
  /** The miner's snapshot as long as it is true. */
  private text: string | undefined;
  private readonly announced = new Set<string>();
  private newTemplates: NovelTemplate[] = [];
  private readonly maxTemplates: number;

  constructor({ maxTemplates, maxBytes, quarantine }: DetectionConfig['novelLines']) {
    this.maxTemplates = maxTemplates;
    this.miner = new TemplateMiner({
      // Two lines show this one what varies; the flexible engine would wait for more, and novel lines are few.
      engine: 'drain',
      masks: DEFAULT_MASKS,
      maxClusters: maxTemplates,
      maxTokens: BOUNDED_MEMORY.maxTokens,
      maxBytes,
      quarantine,
    });
  }

  /** @returns the id of the line's template as it is by now, and the group, whose number stays */
  add({ message, service }: Pick<LogRecord, 'message' | 'service'>): NovelLine {
    const { template, clusterId } = this.miner.learn(message);
    this.text = undefined;
    const id = templateIdOf(template);
    if (!this.announced.has(id)) {
      if (this.announced.size >= ANNOUNCED_PER_TEMPLATE * this.maxTemplates) this.announced.clear();
      this.announced.add(id);
      this.newTemplates.push({ id, template, service });
    }
    return { templateId: id, cluster: clusterId };
  }

  /** The template of an added line, as it is by now. */
  describe(id: string, message: string): Pick<TemplateMatch, 'template' | 'parameters'> {
    const match = id === UNGROUPED_ID ? undefined : this.miner.match(message);
    if (match) return match;
    return id === UNGROUPED_ID
      ? { template: UNGROUPED_TEMPLATE, parameters: [{ value: message, mask: '...' }] }
      : { template: message, parameters: [] };
  }

  /** Whether the source's novel lines can be grouped, and if not why. */
  get grouping(): GroupingStatus {
    return this.miner.grouping;
  }

  /** Everything that later lines are grouped by. */
  snapshot(): string {
    return (this.text ??= [...this.miner.snapshotText().pieces].join(''));
  }

  /**
   * Goes on where another one was, so that lines have the templates that they had there.
   *
   * @returns false when that one grouped by other settings; then nothing has changed
   * @throws SnapshotFailure when the snapshot is truncated or altered
   */
  resume(snapshot: string): boolean {
    const { miner } = TemplateMiner.restoreText(snapshot);
    const present = TemplateMiner.restore(new TemplateMiner(this.miner.settings).snapshot());
    if (JSON.stringify(miner.settings) !== JSON.stringify(present.settings)) return false;
    this.miner = miner;
    this.text = snapshot;
    return true;
  }

  /** Templates met since the last call. */
  take(): readonly NovelTemplate[] {
    const templates = this.newTemplates;
    this.newTemplates = [];
    return templates;
  }

  /** Announces every template again when it comes. */
  announceAnew(): void {
    this.announced.clear();
  }
}
