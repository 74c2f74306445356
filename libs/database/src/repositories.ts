import { holdLock } from './advisory-lock';
import { AnomalyRepository } from './anomaly-repository';
import { DetectorStateRepository } from './detector-state-repository';
import { EventRepository } from './event-repository';
import { FeedbackRepository } from './feedback-repository';
import type { Handle } from './handle';
import { IncidentRepository } from './incident-repository';
import { ModelRepository } from './model-repository';
import { OutletCursorRepository } from './outlet-cursor-repository';
import { PartitionOwnerRepository } from './partition-owner-repository';
import { QuarantineRepository } from './quarantine-repository';
import { ReplayedLetterRepository } from './replayed-letter-repository';
import { RootCauseRepository } from './root-cause-repository';
import { StreamRepository } from './stream-repository';
import { TemplateCountRepository } from './template-count-repository';
import { TemplateRepository } from './template-repository';
import { TrainingJobRepository } from './training-job-repository';
import { rethrow, translatingErrors } from './translate-error';
import { UntrainedWindowRepository } from './untrained-window-repository';
import { WorkloadChangeRepository } from './workload-change-repository';

/** Every repository over one handle: the database, or one transaction of it. */
export class Repositories {
  readonly streams: StreamRepository;
  readonly trainingJobs: TrainingJobRepository;
  readonly models: ModelRepository;
  readonly anomalies: AnomalyRepository;
  readonly incidents: IncidentRepository;
  readonly rootCauses: RootCauseRepository;
  readonly feedback: FeedbackRepository;
  readonly templates: TemplateRepository;
  readonly templateCounts: TemplateCountRepository;
  readonly events: EventRepository;
  readonly detectorStates: DetectorStateRepository;
  readonly outletCursors: OutletCursorRepository;
  readonly partitionOwners: PartitionOwnerRepository;
  readonly quarantines: QuarantineRepository;
  readonly replayedLetters: ReplayedLetterRepository;
  readonly untrainedWindows: UntrainedWindowRepository;
  readonly workloadChanges: WorkloadChangeRepository;

  constructor(private readonly handle: Handle) {
    this.streams = translatingErrors(new StreamRepository(handle));
    this.trainingJobs = translatingErrors(new TrainingJobRepository(handle));
    this.models = translatingErrors(new ModelRepository(handle));
    this.anomalies = translatingErrors(new AnomalyRepository(handle));
    this.incidents = translatingErrors(new IncidentRepository(handle));
    this.rootCauses = translatingErrors(new RootCauseRepository(handle));
    this.feedback = translatingErrors(new FeedbackRepository(handle));
    this.templates = translatingErrors(new TemplateRepository(handle));
    this.templateCounts = translatingErrors(new TemplateCountRepository(handle));
    this.events = translatingErrors(new EventRepository(handle));
    this.detectorStates = translatingErrors(new DetectorStateRepository(handle));
    this.outletCursors = translatingErrors(new OutletCursorRepository(handle));
    this.partitionOwners = translatingErrors(new PartitionOwnerRepository(handle));
    this.quarantines = translatingErrors(new QuarantineRepository(handle));
    this.replayedLetters = translatingErrors(new ReplayedLetterRepository(handle));
    this.untrainedWindows = translatingErrors(new UntrainedWindowRepository(handle));
    this.workloadChanges = translatingErrors(new WorkloadChangeRepository(handle));
  }

  /** Waits until no other transaction holds the stream, and holds it until this one ends. */
  async lockStream(stream: string): Promise<void> {
    await holdLock(this.handle, 'stream', stream).catch(rethrow);
  }
}
