import type { TrainingJob } from '@logbert/contracts';

/**
 * Why a job has succeeded before its last epoch, or undefined where it has not.
 *
 * Unless it diverged, training ends before its time for one reason only: the validation loss has not fallen for some epochs.
 */
export function earlyStopText({
  state,
  progress,
  history,
  warning,
}: TrainingJob): string | undefined {
  const last = history.at(-1);
  if (warning !== null) return warning;
  if (state !== 'succeeded' || last === undefined || last.epoch >= progress.epochs) {
    return undefined;
  }
  const lossOf = ({ validationLoss }: typeof last) => validationLoss ?? Infinity;
  const best = history.reduce((least, epoch) => (lossOf(epoch) < lossOf(least) ? epoch : least));
  return `Stopped early: the validation loss fell no further after epoch ${best.epoch}.`;
}
