import type {
  Incident,
  Model,
  TrainingConfig,
  TrainingJob,
  TrainingRequest,
} from '@logbert/contracts';

type RetrainingConfig = TrainingConfig['retraining'];

/** After so many automatic jobs on end that came to nothing the pause grows no more. */
const MOST_DOUBLINGS = 5;
const SEVERE: ReadonlySet<string> = new Set(['high', 'critical']);

/**
 * Whether a stream was trained lately, or has had its model for too short a time. After each automatic job on end that failed or was
 * cancelled the pause is twice as long.
 *
 * @param jobs of the stream, newest first
 */
export function isTooSoon(
  model: Model,
  jobs: readonly TrainingJob[],
  { everyMs }: RetrainingConfig,
  nowMs: number,
): boolean {
  const inVain = jobs.findIndex(
    ({ origin, state }) => origin !== 'growth' || (state !== 'failed' && state !== 'cancelled'),
  );
  const doublings = Math.min(MOST_DOUBLINGS, inVain < 0 ? jobs.length : inVain);
  const lastMs = Math.max(sinceMs(model), jobs[0]?.createdAt ?? 0);
  return nowMs - lastMs < everyMs * 2 ** doublings;
}

/**
 * Whether a person has decided otherwise: the newest model does not score, since it was rolled back or never promoted. Then nothing is
 * trained by itself until the newest one scores.
 */
export function isDecidedByHand(active: Model, newest: Model | undefined): boolean {
  return newest !== undefined && newest.id !== active.id;
}

/** Whether lines of a severe incident would be among the last ones. */
export function isTroubled(
  incidents: readonly Incident[],
  { everyMs }: RetrainingConfig,
  nowMs: number,
): boolean {
  return incidents.some(
    ({ severity, state, lastSeenAt }) =>
      SEVERE.has(severity) && (state === 'open' || nowMs - lastSeenAt < everyMs),
  );
}

/**
 * What to train a stream on again: its recent lines, once there are `growth` times those that there were when its model was made.
 *
 * @param lines that are counted, by the model that named them
 * @param fromMs time of receipt from which there are about as many lines as are wanted, epoch milliseconds
 * @returns undefined when there are too few new ones
 */
export function retrainingRequest(
  { id, stream, metrics }: Model,
  lines: ReadonlyMap<string | null, number>,
  { growth }: RetrainingConfig,
  { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number },
): TrainingRequest | undefined {
  const fresh = lines.get(id) ?? 0;
  let counted = 0;
  for (const [modelId, count] of lines) if (modelId !== id) counted += count;
  const former = Math.max(metrics.lines, counted);
  if (fresh === 0 || fresh < (growth - 1) * former || fromMs >= nowMs) return undefined;
  return { stream, source: { kind: 'stream', fromMs, toMs: nowMs }, options: {}, promote: true };
}

function sinceMs({ createdAt, promotedAt }: Model): number {
  return promotedAt ?? createdAt;
}
