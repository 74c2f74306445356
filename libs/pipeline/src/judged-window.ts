import type { EarlyFlag } from '@logbert/contracts';
import type { Verdict } from '@logbert/detection';
import type { WindowKind } from '@logbert/sequences';

/** A judged window in short: what an evaluation needs of those that were not flagged. */
export interface JudgedWindow {
  readonly key: string;
  readonly kind: WindowKind;
  readonly tokens: Int32Array;
  readonly novelLines: number;
  readonly verdict: Verdict;
  /** That it was flagged while it grew, whatever its verdict. */
  readonly early: EarlyFlag | undefined;
  /** Epoch milliseconds of event time when it was completed. */
  readonly closedAtMs: number;
  readonly lastReceivedAtMs: number;
}
