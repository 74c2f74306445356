import type { ChannelName } from '@logbert/contracts';
import { NonFiniteScoreFailure } from './detection-failures';
import type { WindowSurprise } from './scored-window';

/** A channel of a single window; `rate` looks at templates over time instead (see RateWatch). */
export type WindowChannel = Exclude<ChannelName, 'rate'>;

/** Channels that need no model: they judge from the first calibrated minute on. */
export const MODEL_FREE_CHANNELS = [
  'rarity',
  'count-vector',
  'ngram',
  'key-set',
  'novelty',
] as const satisfies readonly WindowChannel[];

/**
 * Lines from which a window's counts are drowned by the loops that a program runs in, and its set of keys is a view of its own.
 * In shorter windows counts are hardly above one, and both would say the same twice.
 */
export const LONG_WINDOW = 65;

/** Channels on which a window can only become odder with more lines, so that it can be judged while it grows. */
export const GROWING_CHANNELS = ['rarity', 'novelty'] as const satisfies readonly WindowChannel[];

export const MODEL_CHANNELS = [
  'surprise-mean',
  'surprise-max',
  'surprise-top3',
  'entropy',
  'hypersphere',
  'presence',
] as const satisfies readonly WindowChannel[];

/**
 * What the model's channels come to when it decides alone: twice the mean surprise of the lines and the presence, which are
 * both nats. As nats they are added and calibrated as one score: their p-values would not tell a little beyond the
 * calibration from far beyond it, which is where anomalies are. The most surprising lines are left out, which a mere change
 * of order makes as loud as an unknown key.
 *
 * @returns nats, >= 0; the mean alone for models that do not tell the presence, undefined without a model
 */
export function aloneScore(
  scores: Readonly<Partial<Record<WindowChannel, number>>>,
): number | undefined {
  const { 'surprise-mean': mean, presence = 0 } = scores;
  return mean === undefined ? undefined : 2 * mean + presence;
}

export type ModelFreeChannel = (typeof MODEL_FREE_CHANNELS)[number];
export type GrowingChannel = (typeof GROWING_CHANNELS)[number];
export type ModelChannel = (typeof MODEL_CHANNELS)[number];

/** Smallest step of a score that means something: the least scale its tail may have. */
export const CHANNEL_UNITS: Readonly<Record<WindowChannel, number>> = {
  'surprise-mean': 0.05,
  'surprise-max': 0.5,
  'surprise-top3': 0.3,
  entropy: 0.05,
  hypersphere: 0.01,
  presence: 0.5,
  // −log of a share: an exponential of scale 1 when keys are rare independently of one another.
  rarity: 1,
  'count-vector': 0.02,
  ngram: 0.02,
  'key-set': 0.25,
  novelty: 1,
};

/**
 * The smallest p-value that a score can honestly have, whatever the calibration says.
 *
 * A rarity of s means that a share exp(−s) of the recent windows is as this one is, so that many windows score s or
 * more. Without this bound a reference that drifts by a hair beyond the calibration's largest score would call half of
 * all windows rare.
 *
 * @returns a bound in [0, 1]; 0 for the channels whose scores say nothing of shares
 */
export function leastPValue(channel: WindowChannel, score: number): number {
  return channel === 'rarity' ? Math.exp(-score) : 0;
}

/**
 * The model's channels of one window; larger is odder.
 *
 * `surprise-mean` is the plain mean here: it is odd at both ends, which the calibration sees to. `presence` asks of each key
 * whether the model expects it anywhere, and whether it expects the window to be over: lines that only came in another
 * order do not raise it. The end counts half: normal sessions break off in more places than they have keys out of place.
 * Models of older versions do not tell it.
 *
 * @throws NonFiniteScoreFailure on NaN or infinity, which would compare false and pass as normal
 */
export function modelScores(
  score: WindowSurprise,
): Readonly<Record<Exclude<ModelChannel, 'presence'>, number> & { presence?: number }> {
  let [first, second, third] = [0, 0, 0];
  let surprise = 0;
  let entropy = 0;
  for (const nats of score.surprise) {
    surprise += nats;
    if (nats > first) [first, second, third] = [nats, first, second];
    else if (nats > second) [second, third] = [nats, second];
    else if (nats > third) third = nats;
  }
  for (const nats of score.entropy) entropy += nats;
  const lines = Math.max(1, score.surprise.length);
  if (!Number.isFinite(surprise)) throw new NonFiniteScoreFailure('surprise');
  if (!Number.isFinite(entropy)) throw new NonFiniteScoreFailure('entropy');
  if (!Number.isFinite(score.distance)) throw new NonFiniteScoreFailure('hypersphere');
  return {
    'surprise-mean': surprise / lines,
    'surprise-max': first,
    'surprise-top3': (first + second + third) / Math.min(3, lines),
    entropy: entropy / Math.max(1, score.entropy.length),
    hypersphere: score.distance,
    ...(score.presence ? { presence: presenceOf(score.presence, score.endSurprise ?? 0) } : {}),
  };
}

function presenceOf(presence: Float32Array, endSurprise: number): number {
  const largest = presence.reduce((most, nats) => Math.max(most, nats), 0);
  const nats = largest + endSurprise / 2;
  if (!Number.isFinite(nats)) throw new NonFiniteScoreFailure('presence');
  return nats;
}
