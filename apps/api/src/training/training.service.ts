import { randomUUID } from 'node:crypto';
import type {
  Page,
  PageQuery,
  TrainingConfig,
  TrainingJob,
  TrainingRequest,
} from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { Inject, Injectable } from '@nestjs/common';
import { TRAINING_CONFIG } from '../config/config.module';
import { ConflictFailure, NotFoundFailure } from '../problems/request-failure';
import { DATABASE } from '../storage/database.token';
import { StreamsService } from '../streams/streams.service';
import { JobJournal } from './job-journal';
import { queuedJob } from './job-progress';
import { SourceResolver } from './source-resolver';
import { withOptions } from './training-options';

/** Training jobs as callers see them; a trainer, here or in another process, runs them. */
@Injectable()
export class TrainingService {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(TRAINING_CONFIG) private readonly config: TrainingConfig,
    private readonly streams: StreamsService,
    private readonly sources: SourceResolver,
    private readonly journal: JobJournal,
  ) {}

  /** Refuses at once what could never be trained on, and queues the rest. */
  async create(request: TrainingRequest): Promise<TrainingJob> {
    withOptions(this.config, request.options);
    await this.sources.resolve(request.source);
    await this.streams.meet(request.stream);
    const job = queuedJob(randomUUID(), request, Date.now());
    await this.journal.open(job);
    return job;
  }

  list(stream: string | undefined, page: PageQuery): Promise<Page<TrainingJob>> {
    return this.database.repositories.trainingJobs.list(page, stream);
  }

  async get(id: string): Promise<TrainingJob> {
    const job = await this.database.repositories.trainingJobs.find(id);
    if (!job) throw new NotFoundFailure('training job', id);
    return job;
  }

  /** The trainer learns of it by the outbox and stops the job's process. */
  async cancel(id: string): Promise<TrainingJob> {
    const { state } = await this.get(id);
    const cancelled = await this.journal.cancel(id);
    if (cancelled) return cancelled;
    const ended = state === 'running' || state === 'queued' ? 'ended' : state;
    throw new ConflictFailure(`The job has already ${ended}.`);
  }
}
