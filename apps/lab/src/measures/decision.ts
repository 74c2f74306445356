/** How a decision went on labelled things. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

export interface DecisionFigures {
  readonly precision: number;
  readonly tpr: number;
  /** Wilson's 95 % interval of the true-positive rate. */
  readonly tprInterval: readonly [number, number];
  readonly fpr: number;
  /** Wilson's 95 % interval of the false-positive rate. */
  readonly fprInterval: readonly [number, number];
  readonly f1: number;
}

export function confusionOf(
  items: Iterable<{ readonly isFlagged: boolean; readonly isAnomalous: boolean }>,
): Confusion {
  let [truePositives, falsePositives, falseNegatives, trueNegatives] = [0, 0, 0, 0];
  for (const { isFlagged, isAnomalous } of items) {
    if (isFlagged && isAnomalous) truePositives++;
    else if (isFlagged) falsePositives++;
    else if (isAnomalous) falseNegatives++;
    else trueNegatives++;
  }
  return { truePositives, falsePositives, falseNegatives, trueNegatives };
}

/**
 * Precision, recall, false-positive rate and F1.
 *
 * @param prior the true share of anomalous things, when the sample has another: then precision and F1 are corrected,
 * P = TPR·π / (TPR·π + FPR·(1 − π)). Left out, the sample is taken as it is.
 * @returns ratios in [0, 1]; a precision of 0 when nothing was flagged, NaN rates for an empty class
 */
export function decisionFigures(confusion: Confusion, prior?: number): DecisionFigures {
  const { truePositives, falsePositives, falseNegatives, trueNegatives } = confusion;
  const normal = falsePositives + trueNegatives;
  const anomalous = truePositives + falseNegatives;
  const tpr = truePositives / anomalous;
  const fpr = falsePositives / normal;
  const precision =
    prior === undefined
      ? ratio(truePositives, truePositives + falsePositives)
      : ratio(tpr * prior, tpr * prior + fpr * (1 - prior));
  return {
    precision,
    tpr,
    tprInterval: wilsonInterval(truePositives, anomalous),
    fpr,
    fprInterval: wilsonInterval(falsePositives, normal),
    f1: ratio(2 * precision * tpr, precision + tpr),
  };
}

const NORMAL_QUANTILE_95 = 1.959_963_984_540_054;

/**
 * Interval that holds a share with 95 % confidence.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
 *
 * @returns bounds in [0, 1]; [0, 1] when there was no trial
 */
export function wilsonInterval(successes: number, trials: number): readonly [number, number] {
  if (trials === 0) return [0, 1];
  const z = NORMAL_QUANTILE_95;
  const share = successes / trials;
  const centre = share + (z * z) / (2 * trials);
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
