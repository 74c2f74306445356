import type { Options } from '../reporting/options';

/** Of every figure that is kept: training differs from seed to seed by more than most rules differ from each other. */
const USUAL_SEEDS = 5;

export const SEEDS_OPTION = {
  seeds: {
    value: 'N',
    help: 'runs with other seeds; the median is reported',
    fallback: String(USUAL_SEEDS),
  },
} as const;

/** @throws UsageError for anything but a number from 1 to 100 */
export function seedsOf(options: Options<typeof SEEDS_OPTION>): number {
  return options.number('seeds', 1, 100) ?? USUAL_SEEDS;
}
