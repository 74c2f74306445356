export { type Database } from './database';
export {
  DatabaseConflictFailure,
  DatabaseExhaustedFailure,
  DatabaseUnavailableFailure,
  InvalidCursorFailure,
  ModelMissingFailure,
  NotOwnerFailure,
} from './database-failures';
export { openDatabase } from './open-database';
export { unpackDocument } from './packed-document';
export { Repositories } from './repositories';
export type { Settlement } from './anomaly-rows';
export { AnomalyRepository, type AnomalyFilter, type TimelinePoint } from './anomaly-repository';
export {
  DetectorStateRepository,
  type DetectorState,
  type KeptDetectorState,
} from './detector-state-repository';
export { type CountedLines, type CountsQuery } from './template-count-repository';
export { EventRepository, type StoredEvent } from './event-repository';
export { FeedbackRepository, type FeedbackEntry } from './feedback-repository';
export {
  IncidentRepository,
  type Fingerprint,
  type IncidentState,
  type PendingState,
} from './incident-repository';
export { ModelRepository, type NewModel } from './model-repository';
export { OutletCursorRepository } from './outlet-cursor-repository';
export { type PartitionOwner, PartitionOwnerRepository } from './partition-owner-repository';
export { type LetterPlace, ReplayedLetterRepository } from './replayed-letter-repository';
export { QuarantineRepository } from './quarantine-repository';
export type { StreamPlace } from './stream-place';
export { RootCauseRepository } from './root-cause-repository';
export { type KnownStream, StreamRepository } from './stream-repository';
export { TemplateCountRepository } from './template-count-repository';
export { TemplateRepository, type NovelTemplate } from './template-repository';
export { TrainingJobRepository } from './training-job-repository';
export { UntrainedWindowRepository } from './untrained-window-repository';
export { WorkloadChangeRepository } from './workload-change-repository';
