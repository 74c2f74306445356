/** One scored thing with its label. */
export interface Scored {
  /** Larger is odder; finite. */
  readonly score: number;
  readonly isAnomalous: boolean;
}

/**
 * Area under the receiver operating characteristic: the chance that a random anomalous thing scores above a random
 * normal one, ties counting half.
 *
 * Source: Hanley & McNeil, "The meaning and use of the area under a ROC curve", Radiology 1982, by the rank-sum form
 * of Mann and Whitney.
 *
 * @returns in [0, 1]; NaN when one of the classes is empty
 */
export function auroc(items: readonly Scored[]): number {
  const ascending = [...items].sort((a, b) => a.score - b.score);
  let anomalous = 0;
  let rankSum = 0;
  for (let start = 0; start < ascending.length;) {
    let end = start;
    while (end < ascending.length && ascending[end]?.score === ascending[start]?.score) end++;
    const meanRank = (start + 1 + end) / 2;
    for (let index = start; index < end; index++) {
      if (!ascending[index]?.isAnomalous) continue;
      anomalous++;
      rankSum += meanRank;
    }
    start = end;
  }
  const normal = ascending.length - anomalous;
  return (rankSum - (anomalous * (anomalous + 1)) / 2) / (anomalous * normal);
}

/**
 * Average precision: the area under the precision-recall curve by steps, ties taken together.
 *
 * Source: Davis & Goadrich, "The relationship between Precision-Recall and ROC curves", ICML 2006.
 *
 * @returns in [0, 1]; NaN when nothing is anomalous
 */
export function auprc(items: readonly Scored[]): number {
  const descending = [...items].sort((a, b) => b.score - a.score);
  const total = descending.filter(({ isAnomalous }) => isAnomalous).length;
  let found = 0;
  let area = 0;
  for (let start = 0; start < descending.length;) {
    let end = start;
    let here = 0;
    while (end < descending.length && descending[end]?.score === descending[start]?.score) {
      if (descending[end]?.isAnomalous) here++;
      end++;
    }
    found += here;
    area += (here / total) * (found / end);
    start = end;
  }
  return total === 0 ? NaN : area;
}
