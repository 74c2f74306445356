/** Share of windows unlike the training from which the work has changed; it is about 0.05 otherwise. */
const CHANGED_FROM = 1 / 3;
/** And down to which it is said to be known again. */
const KNOWN_BELOW = 0.15;

/** `unclear`: what it was before. */
export type Work = 'changed' | 'unclear' | 'known';

/** What a share of windows unlike the training says of the work. */
export function workBy(unlikeShare: number): Work {
  if (unlikeShare > CHANGED_FROM) return 'changed';
  return unlikeShare < KNOWN_BELOW ? 'known' : 'unclear';
}
