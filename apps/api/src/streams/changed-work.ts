/** Share of windows unlike the training from which the work has changed; it is about 0.05 otherwise. */
const CHANGED_FROM = 1 / 3;
/** And down to which it is said to be known again. */
const KNOWN_BELOW = 0.15;

/** Whether work of which so many windows are unlike the training is other work than that; in between it is what it was. */
export function isChangedWork(unlikeShare: number, wasChanged: boolean): boolean {
  return unlikeShare > CHANGED_FROM || (wasChanged && unlikeShare >= KNOWN_BELOW);
}
