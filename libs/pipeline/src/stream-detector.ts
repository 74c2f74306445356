import type { Anomaly, DetectionConfig, StreamSettings, TemplateCount } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import { buildDecoder, type DecodeLine, type LogRecord } from '@logbert/log-records';
import { type AssemblerSnapshot, UNKNOWN, type Window, WindowAssembler } from '@logbert/sequences';
import type { GroupingStatus } from '@logbert/template-mining';
import type { LoadedBundle } from './bundle';
import { ContextRing } from './context-ring';
import { explainWindow, UNSCORED } from './explain-window';
import {
  type ConcludedSteps,
  type FlaggedStep,
  GrowingSessions,
  type GrowingSessionsState,
  isGrowth,
  type Step,
} from './growing-sessions';
import type { JudgedWindow } from './judged-window';
import { type CalibrationSnapshot, KindDetectors } from './kind-detectors';
import type { KnownTemplates } from './known-templates';
import type { LineEntry } from './line-entry';
import { ModelJudge } from './model-judge';
import { NovelLines, type NovelTemplate } from './novel-lines';
import { StreamWatch, type StreamWatchState } from './stream-watch';
import { TemplateCounter } from './template-counter';
import { ENDLESS_TURN, type Turn } from './turn';
import { type SettledVerdict, VerdictBook, type VerdictBookState } from './verdict-book';

const SHOWN_CONTEXT_LINES = 20;
/** Lines between two looks at whether the turn is long. */
const LOOK_AT_TURN_LINES = 32;

/** One record as it comes from a stream. */
export interface IncomingRecord {
  readonly offset: number;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

/** A record that can never become a line, with the reason. */
export interface PoisonRecord {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
}

/** A line just read, whose session is not yet known. */
type FreshLine = LineEntry & { sessionKey: LineEntry['sessionKey'] };

/** What a batch of records came to. */
export interface Detected {
  readonly anomalies: readonly Anomaly[];
  readonly judged: readonly JudgedWindow[];
  /** Verdicts of this batch or earlier ones that have become final: fifty windows later, by what is usual meanwhile. */
  readonly settled: readonly SettledVerdict[];
  readonly templateCounts: readonly TemplateCount[];
  readonly novelTemplates: readonly NovelTemplate[];
  /** Whether the novel lines can be grouped. */
  readonly grouping: GroupingStatus;
  readonly failures: readonly PoisonRecord[];
  readonly lines: number;
  readonly windows: number;
  /** Those of them that were judged without the model although there is one, by the code of what it failed with. */
  readonly unscored: ReadonlyMap<string, number>;
}

/** What a detector knows after a line, for one that goes on from there: plain data that can be cloned. */
export interface StreamDetectorState {
  readonly formatVersion: 1;
  /** The settings by which lines were read and cut, as JSON. */
  readonly cutBy: string;
  readonly windows: AssemblerSnapshot<LineEntry>;
  /** The model that judged, and what it had seen lately. */
  readonly judge:
    { readonly modelId: string; readonly calibration: CalibrationSnapshot } | undefined;
  /** Snapshot of the miner of novel lines; undefined in states that older versions kept. */
  readonly novel?: string;
  /** What is judged without a model; undefined in states that older versions kept. */
  readonly watch?: StreamWatchState;
  /** Whose the windows are whose verdict is not final; undefined without a judge and in older states. */
  readonly verdicts?: VerdictBookState | undefined;
  /** Open sessions that were flagged; undefined in states that older versions kept. */
  readonly growing?: GrowingSessionsState;
}

export interface StreamDetectorInput {
  readonly stream: string;
  readonly partition?: number;
  readonly settings: StreamSettings;
  readonly detection: DetectionConfig;
  /** Lines below this offset have been counted before; undefined when none has. */
  readonly countFrom?: number | undefined;
  /** Whether a session's lines come in no order that means anything, and are put in that of their times. */
  readonly sessionsByTime?: boolean;
  /** Without a model, windows are judged by what is new or rare among the last ones. */
  readonly bundle: LoadedBundle | undefined;
}

/**
 * Holds the open windows of one partition of one stream and turns its records into anomalies.
 *
 * Not re-entrant: the caller waits for one call before it makes the next.
 */
export class StreamDetector {
  private readonly decode: DecodeLine;
  private readonly windows: WindowAssembler<LineEntry>;
  private readonly context: ContextRing;
  private readonly counter: TemplateCounter;
  private readonly novel: NovelLines;
  private readonly watch: StreamWatch;
  private model: ModelJudge | undefined;
  private readonly verdicts = new VerdictBook();
  private readonly growing = new GrowingSessions();
  private unscored = new Map<string, number>();

  constructor(private readonly input: StreamDetectorInput) {
    const { stream, settings, detection } = input;
    this.decode = buildDecoder(settings.format, settings.sessionKey);
    this.windows = new WindowAssembler(settings.window, {
      maxOpenWindows: detection.maxOpenWindows,
      sessionsByTime: input.sessionsByTime ?? false,
    });
    this.context = new ContextRing(detection.contextLines);
    this.counter = new TemplateCounter(stream);
    this.novel = new NovelLines(detection.novelLines);
    const { alertBudget } = settings;
    this.watch = new StreamWatch({ partition: 0, ...input, alertBudget }, this.novel);
    if (input.bundle) this.use(input.bundle);
  }

  /** Judges by this model from now on; open windows keep their lines and are given its keys when they close. */
  use(bundle: LoadedBundle): void {
    if (this.model) this.verdicts.settle(this.model.detectors.settle());
    const { alertBudget } = this.input.settings;
    const detectors = KindDetectors.restore(bundle.calibration, { alertBudget });
    this.model = this.judgeBy(bundle, detectors);
    this.windows.learnIdle(detectors.sessionIdleMs);
    this.novel.announceAnew();
    this.watch.use(bundle);
  }

  snapshot(): StreamDetectorState {
    const { model } = this;
    return {
      formatVersion: 1,
      cutBy: cutBy(this.input.settings),
      windows: this.windows.snapshot(),
      judge: model && {
        modelId: model.bundle.modelId,
        calibration: model.detectors.snapshot(),
      },
      novel: this.novel.snapshot(),
      watch: this.watch.snapshot(),
      verdicts: model && this.verdicts.snapshot(model.detectors.unsettled),
      growing: this.growing.snapshot(),
    };
  }

  /**
   * Goes on from the state of another detector of the same stream and partition, before the first line.
   *
   * @returns false when that one read or cut lines by other settings; then nothing has changed
   * @throws SnapshotFailure when the novel lines' part is altered
   */
  resume(state: StreamDetectorState, heardMs: number): boolean {
    if (state.formatVersion !== 1 || state.cutBy !== cutBy(this.input.settings)) return false;
    const isNovelKept = state.novel !== undefined && this.novel.resume(state.novel);
    if (state.watch) this.watch.resume(state.watch, isNovelKept);
    const { alertBudget } = this.input.settings;
    const bundle = this.model?.bundle;
    const isSameModel = state.judge?.modelId === bundle?.modelId;
    if (state.judge && (isSameModel || state.verdicts)) {
      const detectors = KindDetectors.restore(state.judge.calibration, { alertBudget });
      this.verdicts.resume(state.verdicts, detectors.unsettled);
      if (isSameModel && bundle) this.model = this.judgeBy(bundle, detectors);
      else this.verdicts.settle(detectors.settle());
    }
    this.growing.resume(state.growing ?? []);
    this.windows.resume(state.windows, heardMs);
    if (isNovelKept) return true;
    for (const { entries } of state.windows.windows) {
      for (const entry of entries) if (entry.isNovel) this.novel.add(entry);
    }
    return true;
  }

  /** Whether the lines that no template of the model fits can be grouped, and if not why. */
  get grouping(): GroupingStatus {
    return this.novel.grouping;
  }

  /** See `KindDetectors`; undefined without a model, too. */
  get unlikeTrainingShare(): number | undefined {
    return this.model?.detectors.unlikeTrainingShare;
  }

  /** Windows seen as long as there is no model (see `StreamWatch`). */
  get untrainedWindows(): number | undefined {
    return this.watch.untrainedWindows;
  }

  get openWindows(): number {
    return this.windows.openWindows;
  }

  /** The smallest offset that an open window still needs; undefined when none is open. */
  lowWatermark(): number | undefined {
    return this.windows.lowWatermark();
  }

  /**
   * Takes records in the order of their offsets.
   *
   * @param nowMs the present, epoch milliseconds
   * @param heardMs a clock that goes on only while records would be heard, for `closeIdle`
   * @param turn where it is long and somebody waits, what was read is judged, then the others are let in
   */
  async accept(
    records: Iterable<IncomingRecord>,
    nowMs: number,
    heardMs: number = nowMs,
    turn: Turn = ENDLESS_TURN,
  ): Promise<Detected> {
    const failures: PoisonRecord[] = [];
    const before: ConcludedSteps[] = [];
    let steps: Step[] = [];
    const { countFrom = 0 } = this.input;
    let presentMs = nowMs;
    let lines = 0;
    let windows = 0;
    let looked = 0;
    for (const record of records) {
      if (++looked % LOOK_AT_TURN_LINES === 0 && turn.isLong && (await turn.isWanted())) {
        before.push(await this.judge(steps, presentMs));
        windows += windowsOf(steps);
        steps = [];
        presentMs += await turn.pass();
      }
      const line = this.read(record, failures);
      if (!line) continue;
      lines++;
      const entry = this.toEntry(record, line);
      this.context.add(entry);
      if (record.offset >= countFrom) this.counter.add(entry);
      this.watch.add(entry);
      steps.push(...this.windows.push(entry, presentMs, heardMs));
      const session = this.windows.growing;
      if (!session) continue;
      // One cut out of the line's message would keep that text, too, for as long as the line waits.
      entry.sessionKey = session.name;
      steps.push({ session, lines: session.entries.length });
    }
    const last = await this.judge(steps, presentMs);
    return this.tell([...before, last], { lines, windows: windows + windowsOf(steps), failures });
  }

  /** Judges the sessions that have been silent for longer than the stream's idle time. */
  closeIdle(nowMs: number, heardMs: number = nowMs): Promise<Detected> {
    return this.conclude(this.windows.closeIdle(heardMs), nowMs);
  }

  /** Judges everything still open: the end of a file, never of a live stream. */
  async flush(nowMs: number): Promise<Detected> {
    const detected = await this.conclude(this.windows.flush(), nowMs);
    if (this.model) this.verdicts.settle(this.model.detectors.settle());
    return { ...detected, settled: [...detected.settled, ...this.verdicts.take()] };
  }

  private read(record: IncomingRecord, failures: PoisonRecord[]): LogRecord | undefined {
    try {
      return this.decode(record.value, record.receivedAtMs);
    } catch (error) {
      // Whatever it is that a line brings about, the others of its batch have nothing to do with it.
      const code = error instanceof Failure ? error.code : 'pipeline/line';
      const message = error instanceof Error ? error.message : String(error);
      failures.push({ offset: record.offset, code, message });
      return undefined;
    }
  }

  private toEntry(
    { offset, receivedAtMs }: Pick<IncomingRecord, 'offset' | 'receivedAtMs'>,
    record: LogRecord,
  ): FreshLine {
    const bundle = this.model?.bundle;
    const { sessionKey, service, timestampMs, level, message, raw } = record;
    const known = bundle?.miner.match(message);
    const named = known ? { templateId: known.id, cluster: undefined } : this.novel.add(record);
    // Written out: every line comes by here, and a spread costs more than all the rest of it.
    return {
      offset,
      receivedAtMs,
      sessionKey,
      service,
      timestampMs,
      level,
      message,
      raw,
      modelId: bundle?.modelId,
      templateId: named.templateId,
      cluster: named.cluster,
      token: known && bundle ? bundle.vocabulary.encode(known.id) : UNKNOWN,
      isNovel: !known,
    };
  }

  private async conclude(steps: readonly Step[], nowMs: number): Promise<Detected> {
    const windows = windowsOf(steps);
    return this.tell([await this.judge(steps, nowMs)], { lines: 0, windows, failures: [] });
  }

  /** Judges in the order in which windows were completed and sessions grew, whatever batch they came in. */
  private async judge(steps: readonly Step[], nowMs: number): Promise<ConcludedSteps> {
    const { model, growing, verdicts } = this;
    const memory = { growing, verdicts };
    const templates = model?.bundle ?? this.watch.templates.known;
    const explain = (found: FlaggedStep): Promise<Anomaly> => this.explain(templates, found, nowMs);
    const present = steps.map((step) => (isGrowth(step) ? step : this.withPresentKeys(step)));
    const found = await model?.conclude(present, nowMs, memory, explain);
    const watched = await this.watch.conclude(present, nowMs, memory, explain);
    return {
      anomalies: [...(found?.anomalies ?? []), ...watched.anomalies],
      judged: [...(found?.judged ?? []), ...watched.judged],
    };
  }

  /** What all that was judged came to, and what has gathered meanwhile. */
  private tell(
    judged: readonly ConcludedSteps[],
    read: Pick<Detected, 'lines' | 'windows' | 'failures'>,
  ): Detected {
    return {
      anomalies: judged.flatMap(({ anomalies }) => anomalies),
      judged: judged.flatMap(({ judged: windows }) => windows),
      settled: this.verdicts.take(),
      templateCounts: this.counter.take(),
      novelTemplates: this.novel.take(),
      grouping: this.grouping,
      unscored: this.takeUnscored(),
      ...read,
    };
  }

  private judgeBy(bundle: LoadedBundle, detectors: KindDetectors): ModelJudge {
    return new ModelJudge(bundle, detectors, ({ code }) =>
      this.unscored.set(code, (this.unscored.get(code) ?? 0) + 1),
    );
  }

  private takeUnscored(): ReadonlyMap<string, number> {
    const taken = this.unscored;
    if (taken.size > 0) this.unscored = new Map();
    return taken;
  }

  /** A window may have been opened under the model before: its lines are looked up again. */
  private withPresentKeys(window: Window<LineEntry>): Window<LineEntry> {
    const bundle = this.model?.bundle;
    if (!bundle || window.entries.every((entry) => entry.modelId === bundle.modelId)) return window;
    return { ...window, entries: window.entries.map((entry) => this.toEntry(entry, entry)) };
  }

  private explain(
    known: KnownTemplates,
    { window, score, verdict, flag }: FlaggedStep,
    nowMs: number,
  ): Promise<Anomaly> {
    const middle = window.entries[verdict.abnormalPositions[0] ?? window.entries.length - 1];
    const own = new Set(window.entries.map((entry) => entry.offset));
    return explainWindow(
      {
        stream: this.input.stream,
        partition: this.input.partition ?? 0,
        window,
        state: flag.state,
        early: flag.noted?.early ?? null,
        score: score ?? UNSCORED,
        verdict,
        context: this.context.around(own, middle?.timestampMs ?? nowMs, SHOWN_CONTEXT_LINES),
        detectedAt: flag.noted?.detectedAt ?? nowMs,
        describeNovel: ({ templateId, message }) => this.novel.describe(templateId, message),
      },
      known,
    );
  }
}

function windowsOf(steps: readonly Step[]): number {
  return steps.reduce((windows, step) => windows + (isGrowth(step) ? 0 : 1), 0);
}

function cutBy({ format, sessionKey, window }: StreamSettings): string {
  return JSON.stringify([format, sessionKey, window]);
}
