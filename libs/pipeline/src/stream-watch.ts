import type { Anomaly, DetectionConfig } from '@logbert/contracts';
import type { LoadedBundle } from './bundle';
import {
  type ConcludedSteps,
  type ExplainStep,
  isGrowth,
  type Step,
  type StepMemory,
} from './growing-sessions';
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
    steps: readonly Step[],
    nowMs: number,
    { growing, verdicts }: StepMemory,
    explain: ExplainStep,
  ): Promise<ConcludedSteps> {
    const judged: JudgedWindow[] = [];
    const anomalies: Anomaly[] = [];
    const { untrained } = this;
    for (const step of untrained ? steps : []) {
      if (!untrained) break;
      if (isGrowth(step)) {
        const found = growing.lookAt(step, untrained, nowMs);
        if (!found) continue;
        const { verdict, noted } = found;
        const window = untrained.shown(found.window, verdict);
        const flag = { state: 'open', noted } as const;
        anomalies.push(await explain({ window, verdict, score: undefined, flag }));
        continue;
      }
      const noted = growing.take(step);
      const judgement = untrained.judge(step, noted !== undefined);
      if (!judgement) continue;
      const { window, tokens, verdict } = judgement;
      judged.push({
        key: window.key,
        kind: window.kind,
        tokens,
        novelLines: verdict.channels.find(({ channel }) => channel === 'novelty')?.score ?? 0,
        verdict,
        early: noted?.early,
        closedAtMs: window.closedAtMs,
        lastReceivedAtMs: window.entries.at(-1)?.receivedAtMs ?? nowMs,
      });
      if (!verdict.isAnomaly && !noted) continue;
      const flag = { state: 'closed', noted } as const;
      const anomaly = await explain({ window, verdict, score: undefined, flag });
      anomalies.push(anomaly);
      if (!verdict.isAnomaly) verdicts.takeBack(window.key, anomaly.id, verdict);
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
