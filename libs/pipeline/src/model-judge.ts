import type { Anomaly } from '@logbert/contracts';
import type { ScoredWindow, Verdict } from '@logbert/detection';
import { Failure } from '@logbert/failure';
import type { WindowScore } from '@logbert/logbert';
import type { WindowKind } from '@logbert/sequences';
import type { LoadedBundle } from './bundle';
import {
  type ConcludedSteps,
  type ExplainStep,
  type GrowthJudge,
  isGrowth,
  type Step,
  type StepMemory,
} from './growing-sessions';
import type { JudgedWindow } from './judged-window';
import type { KindDetectors } from './kind-detectors';
import { type LineEntry, tokensOf } from './line-entry';

/** What a model and its detectors say of windows. */
export class ModelJudge implements GrowthJudge {
  /** @param noteUnscored told of each window that is judged without the model, with what it failed of */
  constructor(
    readonly bundle: LoadedBundle,
    readonly detectors: KindDetectors,
    private readonly noteUnscored: (failure: Failure) => void,
  ) {}

  /** Judges windows that are complete, and looks at sessions that have grown. */
  async conclude(
    steps: readonly Step[],
    nowMs: number,
    { growing, verdicts }: StepMemory,
    explain: ExplainStep,
  ): Promise<ConcludedSteps> {
    const tokens = steps.flatMap((step) => (isGrowth(step) ? [] : [tokensOf(step.entries)]));
    const scores = tokens.length > 0 ? await this.scoresOf(tokens) : [];
    const judged: JudgedWindow[] = [];
    const anomalies: Anomaly[] = [];
    for (const step of steps) {
      if (isGrowth(step)) {
        const found = growing.lookAt(step, this, nowMs);
        if (!found) continue;
        const { window, verdict, noted } = found;
        const flag = { state: 'open', noted } as const;
        anomalies.push(await explain({ window, verdict, score: undefined, flag }));
        continue;
      }
      const { key, kind, service: group, entries, closedAtMs } = step;
      const [own, score] = [tokens[judged.length], scores[judged.length]];
      if (!own) continue;
      const noted = growing.take(step);
      const novelLines = entries.filter((entry) => entry.isNovel).length;
      const window = { tokens: own, novelLines, group, score };
      const { scored, verdict } = this.judge(kind, window, noted !== undefined);
      const { isAnomaly } = verdict;
      const lastReceivedAtMs = entries.at(-1)?.receivedAtMs ?? nowMs;
      const early = noted?.early;
      judged.push({
        key,
        kind,
        tokens: own,
        novelLines,
        verdict,
        early,
        closedAtMs,
        lastReceivedAtMs,
      });
      const flag = { state: 'closed', noted } as const;
      const anomaly =
        isAnomaly || noted ? await explain({ window: step, verdict, score, flag }) : undefined;
      if (anomaly) anomalies.push(anomaly);
      verdicts.note(scored, key, isAnomaly ? anomaly?.id : undefined);
      if (anomaly && !isAnomaly) verdicts.takeBack(key, anomaly.id, verdict);
    }
    verdicts.settle(this.detectors.takeSettled());
    return { judged, anomalies };
  }

  /** A window that the model cannot score is left to the channels without a model; the others keep their scores. */
  private async scoresOf(
    windows: readonly Int32Array[],
  ): Promise<readonly (WindowScore | undefined)[]> {
    try {
      return await this.bundle.scores.score(windows);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (windows.length === 1) {
        this.noteUnscored(error);
        return [undefined];
      }
      const scores: (WindowScore | undefined)[] = [];
      for (const window of windows) scores.push(...(await this.scoresOf([window])));
      return scores;
    }
  }

  /** @param isExplained whether to say what is odd about it in any case */
  private judge(
    kind: WindowKind,
    window: ScoredWindow,
    isExplained: boolean,
  ): { readonly scored: ScoredWindow; readonly verdict: Verdict } {
    try {
      return { scored: window, verdict: this.detectors.judge(kind, window, isExplained) };
    } catch (error) {
      if (!(error instanceof Failure) || window.score === undefined) throw error;
      this.noteUnscored(error);
      const scored = { ...window, score: undefined };
      return { scored, verdict: this.detectors.judge(kind, scored, isExplained) };
    }
  }

  isTelling({ isNovel, token }: LineEntry, { kind }: { readonly kind: WindowKind }): boolean {
    return isNovel || this.detectors.isTelling(kind, token);
  }

  /** A session that began under another model has keys of two; it is judged when it is complete. */
  judgeGrowing(entries: readonly LineEntry[], kind: WindowKind): Verdict | undefined {
    const { modelId } = this.bundle;
    if (entries[0]?.modelId !== modelId || entries.at(-1)?.modelId !== modelId) return undefined;
    const novelLines = entries.filter(({ isNovel }) => isNovel).length;
    return this.detectors.judgeGrowing(kind, { tokens: tokensOf(entries), novelLines });
  }
}
