import { CHANNELS, type ChannelName, type EarlyFlag } from '@logbert/contracts';
import type { ModelAlone, Verdict } from '@logbert/detection';
import type { Figures } from './figures';
import type { ModelReading } from './model-reading';
import { ANNOUNCED, MODEL_ALONE, ORACLE, WITHOUT_MODEL } from './row-names';
import { SessionScores } from './session-scores';
import { TopCandidates } from './top-candidates';
import type { TrivialDetector } from './trivial-detectors';

/** Breaks ties of p-values by the statistic behind them, never more than that. */
const TIE_BREAK = 1e-9;

type Judgement = Pick<Verdict, 'pValue' | 'statistic' | 'isAnomaly'>;

export interface JudgedItem {
  readonly session: string;
  readonly tokens: Int32Array;
  readonly novelLines: number;
  readonly verdict: Judgement & Pick<Verdict, 'channels'>;
  /** Undefined when the model could not score the window. */
  readonly reading: ModelReading | undefined;
  readonly withoutModel?: Judgement;
  /** That it was flagged while it grew; left out where windows are judged only when they are complete. */
  readonly early?: EarlyFlag | undefined;
}

/** Gathers what the product, each of its channels and each plain rule say of the same sessions. */
export class Panel {
  private readonly combined = new SessionScores();
  /** Those that were told of before they were complete, too. */
  private readonly announced = new SessionScores();
  private earlySessions = 0;
  private readonly deferred = new SessionScores();
  private readonly modelAlone = new SessionScores();
  private readonly withoutModel = new SessionScores();
  private readonly topCandidates = new TopCandidates();
  private readonly channels = new Map<ChannelName, SessionScores>(
    CHANNELS.map((channel) => [channel, new SessionScores()]),
  );
  private readonly rules = new Map<string, SessionScores>();

  constructor(private readonly alertBudget: number) {}

  /** Takes a window in the order in which windows are judged: online rules learn of it. */
  note(
    { session, tokens, novelLines, verdict, reading, withoutModel, early }: JudgedItem,
    rules: readonly TrivialDetector[],
    modelAlone?: ModelAlone,
  ): void {
    note(this.combined, session, verdict);
    if (early) this.earlySessions++;
    const isAnnounced = verdict.isAnomaly || early !== undefined;
    note(this.announced, session, { ...verdict, isAnomaly: isAnnounced });
    if (modelAlone) {
      note(this.modelAlone, session, modelAlone.judge(verdict.channels, this.alertBudget));
    }
    if (withoutModel) note(this.withoutModel, session, withoutModel);
    if (reading) this.topCandidates.note(session, reading.ranks);
    for (const { channel, pValue } of verdict.channels) {
      this.channels.get(channel)?.note(session, -Math.log(pValue), pValue <= this.alertBudget);
    }
    const window = { tokens, novelLines, meanEntropy: reading?.meanEntropy };
    for (const rule of rules) {
      const scores = this.rules.get(rule.name) ?? new SessionScores();
      this.rules.set(rule.name, scores);
      const { score, isFlagged } = rule.judge(window);
      scores.note(session, score, isFlagged);
      rule.enter?.(window);
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
    const rows: (readonly [string, SessionScores | TopCandidates])[] = [
      ['combined', this.combined],
      ...(this.earlySessions > 0 ? ([[ANNOUNCED, this.announced]] as const) : []),
      ['deferred verdict', this.deferred],
      [MODEL_ALONE, this.modelAlone],
      [ORACLE, this.topCandidates],
      ...this.rules,
      [WITHOUT_MODEL, this.withoutModel],
      ...this.channels,
    ];
    return Object.fromEntries(
      rows
        .filter(([name, { size }]) => size > 0 || name === 'combined')
        .map(([name, scores]) => [name, scores.figures(labels, prior)]),
    );
  }
}

function note(scores: SessionScores, session: string, judgement: Judgement): void {
  scores.note(session, scoreOf(judgement), judgement.isAnomaly);
}

function scoreOf({ pValue, statistic }: Pick<Verdict, 'pValue' | 'statistic'>): number {
  return -Math.log10(pValue) + TIE_BREAK * statistic;
}
