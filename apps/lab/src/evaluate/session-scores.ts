import { confusionOf, decisionFigures, type DecisionFigures } from '../measures/decision';
import { auprc, auroc } from '../measures/ranking';

export interface SystemFigures extends DecisionFigures {
  readonly auroc: number;
  readonly auprc: number;
}

/** Gathers what one detector said of each session: its oddest window speaks for it. */
export class SessionScores {
  private readonly scores = new Map<string, number>();
  private readonly flagged = new Set<string>();

  note(session: string, score: number, isFlagged: boolean): void {
    this.scores.set(session, Math.max(score, this.scores.get(session) ?? -Infinity));
    if (isFlagged) this.flagged.add(session);
  }

  /** @param labels truth of the sessions that count; a session that was never seen scores lowest */
  figures(labels: ReadonlyMap<string, boolean>): SystemFigures {
    const items = [...labels].map(([session, isAnomalous]) => ({
      isAnomalous,
      score: this.scores.get(session) ?? Number.NEGATIVE_INFINITY,
      isFlagged: this.flagged.has(session),
    }));
    return {
      auroc: auroc(items),
      auprc: auprc(items),
      ...decisionFigures(confusionOf(items)),
    };
  }
}
