export { DEFAULT_MASKS } from './default-masks';
export type { LearnedChange, SearchStrategy } from './drain-tree';
export type { MaskRule } from './mask-rule';
export type { MinerChanges } from './miner-changes';
export { MinerKeeper, type MinerStateStore, type Saved } from './miner-keeper';
export {
  BOUNDED_MEMORY,
  DEFAULT_MINER_SETTINGS,
  type EngineName,
  type MinerSettings,
} from './miner-settings';
export { MinerSettingsFailure } from './miner-settings-failure';
export type { MinerSnapshot } from './miner-snapshot';
export type { TemplateParameter } from './parameters';
export {
  DEFAULT_QUARANTINE,
  describeQuarantine,
  type GroupingStatus,
  type QuarantineReason,
  type QuarantineSettings,
} from './quarantine';
export { SnapshotFailure } from './snapshot-failure';
export type { SnapshotText } from './snapshot-text';
export { templateIdOf, type TemplateId } from './template-id';
export type { TemplateMatch } from './template-match';
export { type LearnedLine, type MinedTemplate, TemplateMiner } from './template-miner';
