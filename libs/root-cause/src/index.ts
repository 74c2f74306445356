export { gatherEvidence } from './gather-evidence';
export { rankCauses } from './rank-causes';
export type { RootCauseInput } from './root-cause-input';
