import { confusionOf, decisionFigures } from '../measures/decision';
import { auprc, auroc } from '../measures/ranking';
import { CANDIDATES, UNRANKED } from './model-reading';
import type { Oracle, SystemFigures } from './session-scores';

interface Missed {
  readonly session: string;
  readonly isAnomalous: boolean;
  /** Masked keys. */
  readonly keys: number;
  /** How many of them are outside the best candidates, by the number of candidates. */
  readonly beyond: Uint32Array;
}

/**
 * LogBERT's own rule with the best thresholds there are.
 *
 * Source: Guo, Yuan & Wu, "LogBERT: Log Anomaly Detection via BERT", IJCNN 2021: a masked key is missed when it is not among
 * the g best candidates, a session is anomalous when more than r of its masked keys are missed. The program of its authors
 * takes r as a share of the masked keys; both are tried. Every key is masked once.
 *
 * g and r are chosen with the labels of the very sessions that are counted: an upper bound of what the rule can do, and no
 * result.
 */
export class TopCandidates {
  /** How many keys of each session have each rank. */
  private readonly sessions = new Map<string, Uint32Array>();

  get size(): number {
    return this.sessions.size;
  }

  /** @param ranks of a window's keys, or of a piece of the session */
  note(session: string, ranks: Uint8Array): void {
    let counts = this.sessions.get(session);
    if (!counts) {
      counts = new Uint32Array(UNRANKED + 1);
      this.sessions.set(session, counts);
    }
    for (const rank of ranks) counts[rank] = (counts[rank] ?? 0) + 1;
  }

  /**
   * @param labels truth of the sessions that count; one that was never seen is not flagged
   * @param prior true share of anomalous sessions, when the sample has another
   * @returns the figures of the g and r with the largest F1; of equal ones those of the smallest g, then the smallest number
   */
  figures(labels: ReadonlyMap<string, boolean>, prior?: number): SystemFigures {
    const sessions = [...labels].map(([session, isAnomalous]) =>
      this.missedOf(session, isAnomalous),
    );
    let best: { readonly f1: number; readonly oracle: Oracle } | undefined;
    for (let candidates = 1; candidates <= CANDIDATES; candidates++) {
      for (const missedOf of ['keys', 'share'] as const) {
        const scores = sessions.map((session) => scoreOf(session, candidates, missedOf));
        const { f1, moreThan } = bestThreshold(sessions, scores, prior);
        if (best && !(f1 > best.f1)) continue;
        best = { f1, oracle: { candidates, moreThan, missedOf } };
      }
    }
    const oracle = best?.oracle ?? { candidates: 1, moreThan: 0, missedOf: 'keys' };
    const items = sessions.map((session) => {
      const score = scoreOf(session, oracle.candidates, oracle.missedOf);
      const { isAnomalous } = session;
      return { isAnomalous, score, isFlagged: score > oracle.moreThan };
    });
    return {
      auroc: auroc(items),
      auprc: auprc(items),
      ...decisionFigures(confusionOf(items), prior),
      oracle,
    };
  }

  private missedOf(session: string, isAnomalous: boolean): Missed {
    const counts = this.sessions.get(session);
    const beyond = new Uint32Array(CANDIDATES + 1);
    let missed = counts?.[UNRANKED] ?? 0;
    for (let candidates = CANDIDATES; candidates >= 0; candidates--) {
      beyond[candidates] = missed;
      missed += counts?.[candidates] ?? 0;
    }
    return { session, isAnomalous, keys: beyond[0] ?? 0, beyond };
  }
}

function scoreOf(
  { keys, beyond }: Missed,
  candidates: number,
  missedOf: Oracle['missedOf'],
): number {
  const missed = beyond[candidates] ?? 0;
  return missedOf === 'keys' ? missed : missed / Math.max(1, keys);
}

/** The threshold, at least 0, above which flagging gives the largest F1; the largest of equal ones. */
function bestThreshold(
  sessions: readonly Missed[],
  scores: readonly number[],
  prior: number | undefined,
): { readonly f1: number; readonly moreThan: number } {
  const counts = new Map<number, [normal: number, anomalous: number]>([[0, [0, 0]]]);
  const total: [number, number] = [0, 0];
  for (const [index, { isAnomalous }] of sessions.entries()) {
    const score = scores[index] ?? 0;
    const own = counts.get(score) ?? [0, 0];
    own[isAnomalous ? 1 : 0]++;
    total[isAnomalous ? 1 : 0]++;
    counts.set(score, own);
  }
  const [normal, anomalous] = total;
  let best = { f1: -1, moreThan: 0 };
  let [falsePositives, truePositives] = [0, 0];
  for (const [moreThan, own] of [...counts].sort(([a], [b]) => b - a)) {
    const trueNegatives = normal - falsePositives;
    const falseNegatives = anomalous - truePositives;
    const confusion = { truePositives, falsePositives, falseNegatives, trueNegatives };
    const { f1 } = decisionFigures(confusion, prior);
    if (f1 > best.f1) best = { f1, moreThan };
    falsePositives += own[0];
    truePositives += own[1];
  }
  return best;
}
