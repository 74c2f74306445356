import { Failure } from '@logbert/failure';
import { buildDecoder, type LogRecord } from '@logbert/log-records';
import type { StreamSettings } from '@logbert/contracts';
import {
  IdleTimeLearner,
  UNKNOWN,
  Vocabulary,
  WindowAssembler,
  type WindowEntry,
  WindowHistory,
} from '@logbert/sequences';
import { BOUNDED_MEMORY, DEFAULT_MASKS, TemplateMiner } from '@logbert/template-mining';
import { PartitionTimes } from './partition-times';
import { TrainingSourceFailure } from './pipeline-failure';
import type { CataloguedTemplate } from './template-catalogue';

const REPORT_EVERY_LINES = 2_000;
const MAX_OPEN_WINDOWS = 100_000;
/** Lines that anybody may write cannot fill the memory; every line counts, so that none is refused either. */
const MINER_LIMITS = { ...BOUNDED_MEMORY, quarantine: undefined };

/** One record of a training source. */
export interface SourceRecord {
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
  /** Of a partitioned source: the topic and partition that the record lies in. */
  readonly source?: string;
  readonly partition?: number;
}

/** A training source: it is read twice, so each call starts at the beginning. */
export type ReadRecords = () => AsyncIterable<SourceRecord>;

export interface ReadProgress {
  readonly stage: 'mining' | 'windowing';
  readonly lines: number;
  readonly templates: number;
  readonly windows: number;
}

/** What the lines of a source came to. */
export interface TrainingWindows {
  readonly lines: number;
  readonly undecodable: number;
  readonly miner: TemplateMiner;
  readonly templates: readonly CataloguedTemplate[];
  readonly vocabulary: Vocabulary;
  /**
   * Windows of log keys in the order in which they were completed, those of several partitions by event time; a line that
   * the frozen tree does not know is UNKNOWN.
   */
  readonly windows: WindowHistory;
  /** Silence after which a session is complete; undefined when there were too few sessions to tell. */
  readonly sessionIdleMs: number | undefined;
}

interface TokenEntry extends WindowEntry {
  readonly token: number;
}

export interface ReadTrainingOptions {
  readonly signal?: AbortSignal | undefined;
  /** As of a detector. */
  readonly sessionsByTime?: boolean | undefined;
}

/**
 * Reads a source twice: first to learn its templates, then to cut it into windows by the frozen tree, so that
 * training sees exactly the keys that detection will see.
 *
 * Each partition is cut by itself, as detection does: they come in no order between them, so that the time of one says
 * nothing of silence in another. Windows cut off by the end of the source are left out, for nobody knows how they would
 * have gone on.
 *
 * @throws TrainingSourceFailure when the source has no line that can be read
 */
export async function readTrainingWindows(
  records: ReadRecords,
  settings: StreamSettings,
  onProgress: (progress: ReadProgress) => void,
  { signal, sessionsByTime = false }: ReadTrainingOptions = {},
): Promise<TrainingWindows> {
  const source = new LineSource(records, settings, signal);

  const { engine } = settings.templates;
  const miner = new TemplateMiner({ ...MINER_LIMITS, engine, masks: DEFAULT_MASKS });
  let lines = 0;
  const idleTime = new IdleTimeLearner();
  const partitions = new Set<string>();
  for await (const { line, partition } of source.lines()) {
    partitions.add(partition);
    if (line.sessionKey !== undefined) {
      idleTime.note(partition, line.sessionKey, line.timestampMs);
    }
    const { clusterCount } = miner.learn(line.message);
    if (++lines % REPORT_EVERY_LINES === 0) {
      onProgress({ stage: 'mining', lines, templates: clusterCount, windows: 0 });
    }
  }
  const undecodable = source.takeFailures();
  if (lines === 0) {
    throw new TrainingSourceFailure(
      undecodable.count === 0
        ? 'the source has no lines: check the path, or the times between which the stream was to be read'
        : `none of the ${undecodable.count} lines of the source could be read; the first says: ${undecodable.first}`,
    );
  }

  const frozen = TemplateMiner.restore(miner.snapshot());
  const known = frozen.templates();
  const keys = new Set(known.map(({ id }) => id as string));
  // Which template comes first depends on which partition does.
  const vocabulary = Vocabulary.build(partitions.size > 1 ? [...keys].sort() : keys);
  const use = new TemplateUse();
  const sessionIdleMs = idleTime.idleMs();
  const assemblers = new Map<string, WindowAssembler<TokenEntry>>();
  const assemblerOf = (partition: string): WindowAssembler<TokenEntry> => {
    const known = assemblers.get(partition);
    if (known) return known;
    const limits = { maxOpenWindows: MAX_OPEN_WINDOWS, sessionsByTime };
    const assembler = new WindowAssembler<TokenEntry>(settings.window, limits);
    assembler.learnIdle(sessionIdleMs);
    assemblers.set(partition, assembler);
    return assembler;
  };
  const windows = new WindowHistory(vocabulary.size);
  const times = new PartitionTimes();
  let offset = 0;
  for await (const { line, partition } of source.lines()) {
    const match = frozen.match(line.message);
    if (match) use.count(match.id, match.template, line.service);
    const entry: TokenEntry = {
      offset,
      sessionKey: line.sessionKey,
      service: line.service,
      timestampMs: line.timestampMs,
      token: match ? vocabulary.encode(match.id) : UNKNOWN,
    };
    const completed = assemblerOf(partition).push(entry, line.timestampMs);
    for (const { entries, kind, service } of completed) {
      const tokens = Int32Array.from(entries, ({ token }) => token);
      windows.add(tokens, kind, service);
    }
    if (partitions.size > 1) times.note(partition, line.timestampMs, completed.length);
    if (++offset % REPORT_EVERY_LINES === 0) {
      onProgress({
        stage: 'windowing',
        lines: offset,
        templates: known.length,
        windows: windows.length,
      });
    }
  }
  if (partitions.size > 1) windows.reorder(times.order());
  onProgress({ stage: 'windowing', lines, templates: known.length, windows: windows.length });
  return {
    lines,
    undecodable: undecodable.count,
    miner: frozen,
    templates: use.catalogue(known),
    vocabulary,
    windows,
    sessionIdleMs,
  };
}

/** The readable lines of a source; what cannot be decoded is counted and passed over. */
class LineSource {
  private failures = 0;
  private firstFailure = '';

  constructor(
    private readonly records: ReadRecords,
    private readonly settings: StreamSettings,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async *lines(): AsyncGenerator<{ readonly line: LogRecord; readonly partition: string }> {
    const decode = buildDecoder(this.settings.format, this.settings.sessionKey);
    for await (const { value, receivedAtMs, source = '', partition = 0 } of this.records()) {
      this.signal?.throwIfAborted();
      try {
        yield { line: decode(value, receivedAtMs), partition: `${source}/${partition}` };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (this.failures++ === 0) this.firstFailure = error.message;
      }
    }
  }

  takeFailures(): { readonly count: number; readonly first: string } {
    return { count: this.failures, first: this.firstFailure };
  }
}

/** Which service wrote which template how often. */
class TemplateUse {
  private readonly services = new Map<string, Map<string, number>>();
  private readonly texts = new Map<string, string>();

  count(id: string, text: string, service: string): void {
    let counts = this.services.get(id);
    if (!counts) {
      counts = new Map();
      this.services.set(id, counts);
      this.texts.set(id, text);
    }
    counts.set(service, (counts.get(service) ?? 0) + 1);
  }

  catalogue(
    known: readonly { readonly id: string; readonly template: string }[],
  ): readonly CataloguedTemplate[] {
    const distinct = new Map(known.map(({ id, template }) => [id, template]));
    return [...distinct].map(([id, text]) => {
      const counts = this.services.get(id) ?? new Map<string, number>();
      return {
        id,
        text: this.texts.get(id) ?? text,
        count: [...counts.values()].reduce((sum, count) => sum + count, 0),
        services: Object.fromEntries(counts),
      };
    });
  }
}
