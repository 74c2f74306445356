import { CHANNELS, type ChannelName } from '@logbert/contracts';
import type { ModelAlone, Verdict } from '@logbert/detection';
import type { Figures } from './figures';
import { SessionScores } from './session-scores';
import type { TrivialDetector } from './trivial-detectors';

/** Breaks ties of p-values by the statistic behind them, never more than that. */
const TIE_BREAK = 1e-9;

/** The setting of the paper: masked keys and hypersphere, no other channel. */
export const MODEL_ALONE = "LogBERT's channels alone";

export interface JudgedItem {
  readonly session: string;
  readonly tokens: Int32Array;
  readonly novelLines: number;
  readonly verdict: Pick<Verdict, 'pValue' | 'statistic' | 'isAnomaly' | 'channels'>;
}

/** Gathers what the product, each of its channels and each trivial rule say of the same sessions. */
export class Panel {
  private readonly combined = new SessionScores();
  private readonly deferred = new SessionScores();
  private readonly modelAlone = new SessionScores();
  private readonly channels = new Map<ChannelName, SessionScores>(
    CHANNELS.map((channel) => [channel, new SessionScores()]),
  );
  private readonly rules = new Map<string, SessionScores>();

  constructor(private readonly alertBudget: number) {}

  note(
    { session, tokens, novelLines, verdict }: JudgedItem,
    rules: readonly TrivialDetector[],
    modelAlone?: ModelAlone,
  ): void {
    this.combined.note(session, scoreOf(verdict), verdict.isAnomaly);
    if (modelAlone) {
      const alone = modelAlone.judge(verdict.channels, this.alertBudget);
      this.modelAlone.note(session, scoreOf(alone), alone.isAnomaly);
    }
    for (const { channel, pValue } of verdict.channels) {
      this.channels.get(channel)?.note(session, -Math.log(pValue), pValue <= this.alertBudget);
    }
    for (const rule of rules) {
      const scores = this.rules.get(rule.name) ?? new SessionScores();
      this.rules.set(rule.name, scores);
      const ruleScore = rule.score(tokens, novelLines);
      scores.note(session, ruleScore, ruleScore > 0);
    }
  }

  /** Takes the final word on a window, after which an anomaly stands or is taken back. */
  settle(
    session: string,
    verdict: JudgedItem['verdict'],
    outcome: 'confirmed' | 'retracted' | undefined,
  ): void {
    this.deferred.note(session, scoreOf(verdict), outcome === 'confirmed');
  }

  /**
   * @param labels truth of the sessions that count
   * @param prior true share of anomalous sessions, when the sample has another
   */
  figures(labels: ReadonlyMap<string, boolean>, prior?: number): Figures {
    return Object.fromEntries([
      ['combined', this.combined.figures(labels, prior)],
      ...(this.deferred.size > 0
        ? [['deferred verdict', this.deferred.figures(labels, prior)] as const]
        : []),
      ...(this.modelAlone.size > 0
        ? [[MODEL_ALONE, this.modelAlone.figures(labels, prior)] as const]
        : []),
      ...[...this.rules].map(([name, scores]) => [name, scores.figures(labels, prior)] as const),
      ...[...this.channels]
        .filter(([, scores]) => scores.size > 0)
        .map(([channel, scores]) => [channel, scores.figures(labels, prior)] as const),
    ]);
  }
}

function scoreOf({ pValue, statistic }: Pick<Verdict, 'pValue' | 'statistic'>): number {
  return -Math.log10(pValue) + TIE_BREAK * statistic;
}
