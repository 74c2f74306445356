import type { Anomaly, DetectionConfig } from '@logbert/contracts';
import type { Verdict } from '@logbert/detection';
import type { Window } from '@logbert/sequences';
import type { LoadedBundle } from './bundle';
import type { JudgedWindow } from './judged-window';
import type { LineEntry } from './line-entry';
import { MetTemplates, type MetTemplatesState } from './met-templates';
import type { NovelLines } from './novel-lines';
import { RateJudge, type RateState } from './rate-judge';
import { UntrainedJudge, type UntrainedState } from './untrained-judge';

/** Plain data that can be cloned. */
export interface StreamWatchState {
  readonly templates: MetTemplatesState;
  readonly untrained: UntrainedState | undefined;
  readonly rate: RateState | undefined;
}

export interface StreamWatchInput {
  readonly stream: string;
  readonly partition: number;
  readonly alertBudget: number;
  readonly detection: DetectionConfig;
}

/** Tells why a window was flagged. */
export type ExplainUntrained = (window: Window<LineEntry>, verdict: Verdict) => Promise<Anomaly>;

/** What is judged without a model: windows as long as there is none, rates of templates always. */
export class StreamWatch {
  readonly templates: MetTemplates;
  private untrained: UntrainedJudge | undefined;
  private rate: RateJudge | undefined;

  constructor(
    private readonly input: StreamWatchInput,
    novel: Pick<NovelLines, 'describe'>,
  ) {
    this.templates = new MetTemplates(novel, input.detection.novelLines.maxTemplates);
    this.untrained = new UntrainedJudge(input.alertBudget, this.templates);
    this.rate = this.rateJudge(undefined);
  }

  /** Leaves windows to a model from now on, and counts by its templates. */
  use(bundle: LoadedBundle): void {
    this.untrained = undefined;
    this.rate = this.rateJudge(bundle);
  }

  /** Windows seen before the first model, of the kind seen most; undefined when there is a model. */
  get untrainedWindows(): number | undefined {
    return this.untrained?.windows;
  }

  /** Takes a line that is read for the first time. */
  add(entry: LineEntry): void {
    if (this.untrained) this.templates.meet(entry);
    this.rate?.add(entry);
  }

  /** Judges windows that no model judges, and the minutes that are over. */
  async conclude(
    closed: readonly Window<LineEntry>[],
    nowMs: number,
    explain: ExplainUntrained,
  ): Promise<{ readonly judged: readonly JudgedWindow[]; readonly anomalies: readonly Anomaly[] }> {
    const judged: JudgedWindow[] = [];
    const anomalies: Anomaly[] = [];
    for (const one of this.untrained ? closed : []) {
      const judgement = this.untrained?.judge(one);
      if (!judgement) continue;
      const { window, tokens, verdict } = judgement;
      judged.push({
        key: window.key,
        kind: window.kind,
        tokens,
        novelLines: verdict.channels.find(({ channel }) => channel === 'novelty')?.score ?? 0,
        verdict,
        lastReceivedAtMs: window.entries.at(-1)?.receivedAtMs ?? nowMs,
      });
      if (verdict.isAnomaly) anomalies.push(await explain(window, verdict));
    }
    anomalies.push(...((await this.rate?.take(nowMs)) ?? []));
    return { judged, anomalies };
  }

  snapshot(): StreamWatchState {
    return {
      templates: this.untrained ? this.templates.snapshot() : [],
      untrained: this.untrained?.snapshot(),
      rate: this.rate?.snapshot(),
    };
  }

  /**
   * Goes on where another one was, before the first line.
   *
   * @param isNovelKept whether the live miner goes on, so that its groups have the numbers that they had
   */
  resume({ templates, untrained, rate }: StreamWatchState, isNovelKept: boolean): void {
    if (rate && (isNovelKept || !this.untrained)) this.rate?.resume(rate);
    if (!this.untrained || !untrained || !isNovelKept) return;
    this.templates.resume(templates);
    this.untrained.resume(untrained);
  }

  private rateJudge(bundle: LoadedBundle | undefined): RateJudge | undefined {
    const { stream, partition, alertBudget, detection } = this.input;
    if (!detection.rate) return undefined;
    return new RateJudge({ stream, partition, alertBudget }, bundle ?? this.templates.known);
  }
}
