import { randomUUID } from 'node:crypto';
import type { Configuration, TrainingJob } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { DATABASE } from '../storage/database.token';
import { StreamsService } from '../streams/streams.service';
import { SourceResolver } from './source-resolver';
import { TrainingChild, type TrainingListener } from './training-child';
import { withOptions } from './training-options';

export interface LaunchedTraining {
  readonly modelId: string;
  readonly child: TrainingChild;
}

/** Looks everything up that a job's child needs and starts it. */
@Injectable()
export class TrainingLauncher {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOCATIONS) private readonly locations: Locations,
    @Inject(DATABASE) private readonly database: Database,
    private readonly streams: StreamsService,
    private readonly sources: SourceResolver,
  ) {}

  async launch(job: TrainingJob, listener: TrainingListener): Promise<LaunchedTraining> {
    const { detection, logStream, artifacts, server, training } = this.configuration;
    const modelId = randomUUID();
    const order = {
      jobId: job.id,
      attempt: job.attempt,
      pin: await this.database.repositories.trainingJobs.findPin(job.id),
      beganAtMs: job.startedAt ?? job.createdAt,
      modelId,
      stream: job.stream,
      source: await this.sources.resolve(job.request.source),
      settings: (await this.streams.ensure(job.stream)).settings,
      training: withOptions(training, job.request.options),
      detection,
      logStream,
      dataDirectory: this.locations.dataDirectory,
      artifacts,
      artifactDirectory: this.locations.artifactDirectory,
      lineLimitBytes: server.lineLimitBytes,
    };
    return { modelId, child: new TrainingChild(this.locations.trainingProgram, order, listener) };
  }
}
