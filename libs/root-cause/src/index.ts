export { gatherEvidence } from './gather-evidence';
export { rankCauses } from './rank-causes';
export type { RootCauseInput } from './root-cause-input';
export { narrate, type Complete, type NarrationInput } from './narrate';
export { NarrativeFailure, type NarrativeFailureReason } from './narrative-failure';
