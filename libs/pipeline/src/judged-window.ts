import type { Verdict } from '@logbert/detection';
import type { WindowKind } from '@logbert/sequences';

/** A judged window in short: what an evaluation needs of those that were not flagged. */
export interface JudgedWindow {
  readonly key: string;
  readonly kind: WindowKind;
  readonly tokens: Int32Array;
  readonly novelLines: number;
  readonly verdict: Verdict;
  readonly lastReceivedAtMs: number;
}
