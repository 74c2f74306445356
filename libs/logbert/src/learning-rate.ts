/**
 * Learning rate of one step: a straight rise from 0 over the warm-up, then half a cosine down to 0.
 *
 * Source: Loshchilov & Hutter, "SGDR", ICLR 2017, with linear warm-up.
 *
 * @param step from 0
 * @param steps of the whole training, at least 1
 * @param peak largest rate
 * @param warmupShare share of the steps that rise, in [0, 1]
 * @returns rate in (0, peak]
 */
export function learningRateAt(
  step: number,
  steps: number,
  peak: number,
  warmupShare: number,
): number {
  const warmup = Math.max(1, Math.round(steps * warmupShare));
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return (peak * (1 + Math.cos(Math.PI * Math.min(progress, 1)))) / 2;
}
