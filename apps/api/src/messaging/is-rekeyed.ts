import type { LogStreamConfig } from '@logbert/contracts';

/** Whether lines are sent on under other keys before they are detected, and come in no order of their own. */
export function isRekeyed({ kind, kafka }: LogStreamConfig): boolean {
  return kind === 'kafka' && kafka.rekey;
}
