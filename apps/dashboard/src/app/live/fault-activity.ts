import type { DemoFault, DemoState } from '@logbert/contracts';

/**
 * Whether a fault of the demo shop is still at work.
 *
 * The shop is read now and then, and one that is closed says nothing any more: a fault is over when its time is, whatever
 * was told last.
 *
 * @param nowMs asked only of a fault that has an end
 */
export function isFaultActive(
  { isActive, activeUntil }: DemoFault,
  phase: DemoState['phase'],
  nowMs: () => number,
): boolean {
  if (!isActive || phase !== 'live') return false;
  return activeUntil === null || nowMs() < activeUntil;
}
