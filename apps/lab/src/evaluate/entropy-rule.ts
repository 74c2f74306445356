import type { TrivialDetector } from './trivial-detectors';

/**
 * The classic rule of predictive entropy: a window is flagged when the mean entropy of the model's predictions is above that
 * of a share 1 − α of the calibration windows. No other channel, no tail beyond what was seen.
 *
 * @param calibration mean entropies of windows that set the scale, untrimmed, nats
 * @param alertBudget α, in (0, 1); with fewer than 1/α windows only what is above all of them is flagged
 * @returns a rule that flags nothing when there is no calibration window, or no entropy of a window
 */
export function learnEntropyRule(
  calibration: readonly number[],
  alertBudget: number,
): TrivialDetector {
  const ascending = [...calibration].sort((a, b) => a - b);
  // The product of share and count may be a hair above the whole number that it is.
  const needed = Math.ceil((1 - alertBudget) * ascending.length - 1e-9);
  const threshold = ascending[Math.max(0, needed - 1)] ?? Infinity;
  return {
    name: 'entropy rule',
    judge: ({ meanEntropy = 0 }) => ({
      score: meanEntropy,
      isFlagged: meanEntropy > threshold,
    }),
  };
}
