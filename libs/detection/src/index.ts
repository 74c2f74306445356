export { calibrate, MIN_CALIBRATION_WINDOWS, type CalibrationInput } from './calibrate';
export { ConformalDetector, type SettledWindow, type Verdict } from './conformal-detector';
export { DriftGauge } from './drift-gauge';
export type { DetectorSnapshot } from './detector-snapshot';
export { CalibrationFailure, NonFiniteScoreFailure, SnapshotFailure } from './detection-failures';
export type { TokenShare } from './explain-verdict';
export { ModelAlone } from './model-alone';
export type { GrowingLines, ScoredWindow, WindowSurprise } from './scored-window';
export { contaminatedWindows, type DistinctCounts, trimContaminated } from './trim-contaminated';
export { MODEL_CHANNELS, MODEL_FREE_CHANNELS, type WindowChannel } from './channel-scores';
export {
  cosineSimilarity,
  findSimilarIncidents,
  fingerprintOfIncident,
  type Fingerprint,
} from './fingerprint';
export { IncidentGrouper, type GrouperSnapshot, type GroupingDecision } from './incident-grouper';
export { poissonPValue } from './poisson';
export {
  type ClosedMinute,
  MINUTE_MS,
  MinuteCounts,
  type MinuteCountsSnapshot,
} from './minute-counts';
export { RateWatch, type RateVerdict, type RateWatchSnapshot } from './rate-watch';
export {
  UntrainedDetector,
  type UntrainedSnapshot,
  windowsNeededUntrained,
} from './untrained-detector';
export { mentionedServices } from './service-mention';
