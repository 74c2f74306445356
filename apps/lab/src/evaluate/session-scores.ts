import { confusionOf, decisionFigures, type DecisionFigures } from '../measures/decision';
import { auprc, auroc } from '../measures/ranking';

/** Thresholds that were chosen with the labels of the test. */
export interface Oracle {
  /** g: how many of the best candidates a masked key may be among. */
  readonly candidates: number;
  /** r: a session with more missed keys is anomalous. */
  readonly moreThan: number;
  /** Whether r is a number of keys or a share of them. */
  readonly missedOf: 'keys' | 'share';
}

export interface SystemFigures extends DecisionFigures {
  readonly auroc: number;
  readonly auprc: number;
  /** Only of an upper bound, which knew the truth. */
  readonly oracle?: Oracle;
}

/** Gathers what one detector said of each session: its oddest window speaks for it. */
export class SessionScores {
  private readonly scores = new Map<string, number>();
  private readonly flagged = new Set<string>();

  note(session: string, score: number, isFlagged: boolean): void {
    this.scores.set(session, Math.max(score, this.scores.get(session) ?? -Infinity));
    if (isFlagged) this.flagged.add(session);
  }

  /** Sessions that were scored. */
  get size(): number {
    return this.scores.size;
  }

  /**
   * @param labels truth of the sessions that count; a session that was never seen scores lowest
   * @param prior true share of anomalous sessions, when the sample has another
   */
  figures(labels: ReadonlyMap<string, boolean>, prior?: number): SystemFigures {
    const items = [...labels].map(([session, isAnomalous]) => ({
      isAnomalous,
      score: this.scores.get(session) ?? Number.NEGATIVE_INFINITY,
      isFlagged: this.flagged.has(session),
    }));
    return {
      auroc: auroc(items),
      auprc: auprc(items),
      ...decisionFigures(confusionOf(items), prior),
    };
  }
}
