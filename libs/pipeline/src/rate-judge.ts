import type { Anomaly, AnomalyLine, Rate } from '@logbert/contracts';
import {
  type ClosedMinute,
  MINUTE_MS,
  MinuteCounts,
  type MinuteCountsSnapshot,
  RateWatch,
  type RateWatchSnapshot,
  type RateVerdict,
} from '@logbert/detection';
import { anomalyId } from './anomaly-id';
import { SHOWN_PARAMETERS, SHOWN_RAW_CHARACTERS } from './explain-window';
import { FastClocks } from './fast-clocks';
import type { KnownTemplates } from './known-templates';
import type { LineEntry } from './line-entry';

/** Last lines that are shown of a template that came too often. */
const SHOWN_LINES = 5;
/** Templates of one minute whose lines are kept, and that are told. */
const SHOWN_TEMPLATES = 20;
/** What all lines are counted as that no template of the model fits. */
const NOVEL = 'novel';
const NOVEL_TEXT = 'lines that no template of the model fits';

type Example = Omit<AnomalyLine, 'template'>;

/** What was counted so far: plain data that can be cloned. */
export interface RateState {
  /** The model that named the templates; null before the first. */
  readonly modelId: string | null;
  readonly minutes: MinuteCountsSnapshot;
  readonly watch: RateWatchSnapshot;
  /** Absent unless time has gone back, and in what older versions kept. */
  readonly past?: { readonly untilMs: number; readonly watch: RateWatchSnapshot } | undefined;
  /** The last minute that was judged; absent before the first, and in what older versions kept. */
  readonly judgedMs?: number | undefined;
  /** How far lines are ahead of their receipt as a rule; absent in what older versions kept. */
  readonly usuallyAheadMs?: number | undefined;
  readonly examples: readonly (readonly [
    minuteMs: number,
    lines: readonly (readonly [key: string, lines: readonly Example[]])[],
  ])[];
}

export interface RatePlace {
  readonly stream: string;
  readonly partition: number;
  readonly alertBudget: number;
}

/**
 * Watches how often each template comes in a minute of event time, with a model or without.
 *
 * With a model a template is the model's, and all novel lines together are one more; without, it is a group of the live miner.
 * All that is odd in one minute is one anomaly: its key is `minute:` and the time, its id a hash of that.
 */
export class RateJudge {
  private minutes = new MinuteCounts();
  private watch = new RateWatch();
  /** Where time has gone back, to minutes that were judged before: of those nobody knows what is missing now. */
  private past: { readonly untilMs: number; readonly watch: RateWatch } | undefined;
  private judgedMs: number | undefined;
  private clocks = new FastClocks();
  private examples = new Map<number, Map<string, Example[]>>();

  constructor(
    private readonly place: RatePlace,
    private readonly known: KnownTemplates,
  ) {}

  add(entry: LineEntry): void {
    const { timestampMs } = entry;
    // It must not end the present minute.
    if (this.clocks.isFast(entry)) return;
    const key = this.keyOf(entry);
    const count = this.minutes.add(key, timestampMs);
    if (count === 0) {
      if (this.minutes.isLost) this.beginAnew();
      return;
    }
    // Only what is about to be told needs lines to show.
    const minuteMs = Math.floor(timestampMs / MINUTE_MS) * MINUTE_MS;
    if (count <= (this.watchOf(minuteMs).mostOf(key) ?? Infinity)) return;
    const byKey = this.examples.get(minuteMs) ?? new Map<string, Example[]>();
    this.examples.set(minuteMs, byKey);
    const lines = byKey.get(key);
    if (!lines && byKey.size >= SHOWN_TEMPLATES) return;
    byKey.set(key, [...(lines ?? []), this.exampleOf(entry)].slice(-SHOWN_LINES));
  }

  /** The anomalies of the minutes that are over by now. */
  async take(nowMs: number): Promise<readonly Anomaly[]> {
    const anomalies: Anomaly[] = [];
    for (const minute of this.minutes.take()) {
      const verdicts = this.watchOf(minute.minuteMs).judge(minute.counts, this.place.alertBudget);
      this.noteJudged(minute.minuteMs);
      if (verdicts.length > 0) anomalies.push(await this.explain(minute, verdicts, nowMs));
    }
    this.forgetExamples();
    return anomalies;
  }

  snapshot(): RateState {
    return {
      modelId: this.known.modelId,
      minutes: this.minutes.snapshot(),
      watch: this.watch.snapshot(),
      past: this.past && { untilMs: this.past.untilMs, watch: this.past.watch.snapshot() },
      judgedMs: this.judgedMs,
      usuallyAheadMs: this.clocks.snapshot(),
      examples: [...this.examples].map(([minuteMs, byKey]) => [minuteMs, [...byKey]] as const),
    };
  }

  /** Goes on where another one was; what another model named is left. */
  resume({ modelId, minutes, watch, examples, ...state }: RateState): void {
    if (modelId !== this.known.modelId) return;
    this.minutes = MinuteCounts.restore(minutes);
    this.watch = RateWatch.restore(watch);
    const { past } = state;
    this.past = past && { untilMs: past.untilMs, watch: RateWatch.restore(past.watch) };
    this.judgedMs = state.judgedMs;
    this.clocks = new FastClocks(state.usuallyAheadMs);
    this.examples = new Map(
      examples.map(([minuteMs, byKey]) => [
        minuteMs,
        new Map(byKey.map(([key, lines]) => [key, [...lines]])),
      ]),
    );
  }

  /** Counts on from where time has gone back to. What is known of the minutes to come stays known. */
  private beginAnew(): void {
    this.minutes = new MinuteCounts();
    this.examples.clear();
    if (this.judgedMs !== undefined) {
      this.past = { untilMs: this.judgedMs, watch: new RateWatch() };
    }
  }

  private watchOf(minuteMs: number): RateWatch {
    return this.past && minuteMs <= this.past.untilMs ? this.past.watch : this.watch;
  }

  private noteJudged(minuteMs: number): void {
    if (this.past && minuteMs <= this.past.untilMs) return;
    this.past = undefined;
    this.judgedMs = minuteMs;
  }

  private keyOf({ templateId, isNovel, cluster }: LineEntry): string {
    if (!isNovel) return templateId;
    return this.known.modelId === null ? String(cluster) : NOVEL;
  }

  private exampleOf(entry: LineEntry): Example {
    return {
      at: entry.timestampMs,
      service: entry.service,
      level: entry.level,
      raw: entry.raw.slice(0, SHOWN_RAW_CHARACTERS),
      templateId: entry.templateId,
      isNovel: entry.isNovel && this.known.modelId !== null,
      isAbnormal: true,
      surprise: null,
      entropy: null,
      observedProbability: null,
      expected: [],
      parameters: (this.known.miner.match(entry.message)?.parameters ?? []).slice(
        0,
        SHOWN_PARAMETERS,
      ),
    };
  }

  /** A minute that is no longer open needs no lines; where none is over yet, all of them stay. */
  private forgetExamples(): void {
    const open = new Set(this.minutes.openMinutes);
    for (const minuteMs of this.examples.keys()) {
      if (!open.has(minuteMs)) this.examples.delete(minuteMs);
    }
  }

  private async explain(
    { minuteMs }: ClosedMinute,
    verdicts: readonly RateVerdict[],
    nowMs: number,
  ): Promise<Anomaly> {
    const { stream, partition } = this.place;
    const windowKey = `minute:${new Date(minuteMs).toISOString().slice(0, 16)}Z`;
    const shown = verdicts.slice(0, SHOWN_TEMPLATES);
    const rates = shown.map((verdict) => this.rateOf(verdict));
    const lines = shown
      .flatMap(({ key }) => this.examples.get(minuteMs)?.get(key) ?? [])
      .map((line) => ({ ...line, template: this.textOf(line.templateId) ?? line.raw }))
      .sort((a, b) => a.at - b.at);
    const pValue = Math.min(...verdicts.map((verdict) => verdict.pValue));
    return {
      id: await anomalyId(stream, partition, windowKey, minuteMs),
      stream,
      modelId: this.known.modelId,
      state: 'closed',
      early: null,
      windowKey,
      detectedAt: nowMs,
      firstAt: minuteMs,
      lastAt: minuteMs + MINUTE_MS - 1,
      services: [...new Set(rates.flatMap(({ service }) => service ?? []))],
      pValue,
      channels: [{ channel: 'rate', score: -Math.log(pValue), pValue }],
      decidingChannel: 'rate',
      lines,
      missing: [],
      end: null,
      rates,
      context: [],
      culprits: rates.map(({ templateId }) => templateId),
      verdict: { state: 'immediate' },
      incidentId: null,
    };
  }

  private rateOf({ key, count, expected, pValue }: RateVerdict): Rate {
    const { modelId, vocabulary, catalogue } = this.known;
    const templateId = modelId === null ? (vocabulary.keyOf(Number(key)) ?? key) : key;
    return {
      templateId,
      template: this.textOf(templateId) ?? templateId,
      service: catalogue.serviceOf(templateId) ?? null,
      count,
      expectedFrom: expected[0],
      expectedTo: expected[1],
      pValue,
    };
  }

  private textOf(templateId: string): string | undefined {
    return templateId === NOVEL ? NOVEL_TEXT : this.known.catalogue.textOf(templateId);
  }
}
