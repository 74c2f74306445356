import type { Untrained } from '@logbert/contracts';
import { formatCount } from '../figures/figures';

/** How a stream without a model is judged, and from when on. */
export function describeUntrained({ windowsSeen, windowsNeeded }: Untrained): string {
  const how = 'judged by novelty, rarity and rate';
  const seen = `${formatCount(windowsSeen)} ${windowsSeen === 1 ? 'window' : 'windows'} seen`;
  if (windowsNeeded === null) {
    return `${how}; ${seen}, and the alert budget is too small to flag a window without a model`;
  }
  return windowsSeen < windowsNeeded
    ? `${how}; ${seen}, ${formatCount(windowsNeeded)} needed before a window can be flagged`
    : `${how}; ${seen}, windows can be flagged`;
}
