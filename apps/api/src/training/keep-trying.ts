import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@logbert/failure';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A store that is away for longer may have lost more than a model. */
const PATIENCE_MS = 3_600_000;

export interface Patience {
  readonly signal: AbortSignal;
  /** Told when it fails for the first time, and when it has worked after all. */
  readonly tell: (notice: string) => void;
  /** Pause before the second try; each is twice the one before, up to half a minute. */
  readonly firstPauseMs?: number;
  /** Pauses together after which it is given up. */
  readonly patienceMs?: number;
}

/**
 * Does what may fail while a service is away, until it works: hours of training must not be lost to minutes of that.
 *
 * @param what it is, for the notices
 * @throws what `work` throws when trying again cannot help, or has not helped for an hour
 * @throws the signal's reason
 */
export async function keepTrying<Result>(
  what: string,
  work: () => Promise<Result>,
  { signal, tell, firstPauseMs = FIRST_PAUSE_MS, patienceMs = PATIENCE_MS }: Patience,
): Promise<Result> {
  let waitedMs = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      const result = await work();
      if (waitedMs > 0) tell(`${what} has worked after all`);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure && error.retriable) || waitedMs >= patienceMs) throw error;
      if (waitedMs === 0) tell(`${what} is tried again: ${error.message}`);
      await sleep(pauseMs, undefined, { signal });
      waitedMs += pauseMs;
    }
  }
}
