import { type DynamicModule, Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/artifacts.module';
import { ModelsModule } from '../models/models.module';
import { StreamsModule } from '../streams/streams.module';
import { JobCheckpoints } from './job-checkpoints';
import { JobJournal } from './job-journal';
import { Retraining } from './retraining';
import { SourceResolver } from './source-resolver';
import { TrainingLauncher } from './training-launcher';
import { TrainingRunner } from './training-runner';
import { TrainingController } from './training.controller';
import { TrainingService } from './training.service';

const IMPORTS = [ArtifactsModule, ModelsModule, StreamsModule];

@Module({})
export class TrainingModule {
  /** The doors of training, the runner of its jobs, or both. */
  static of(roles: { readonly isApi: boolean; readonly isTrainer: boolean }): DynamicModule {
    return {
      module: TrainingModule,
      imports: IMPORTS,
      controllers: roles.isApi ? [TrainingController] : [],
      providers: [
        JobJournal,
        SourceResolver,
        ...(roles.isApi ? [TrainingService] : []),
        ...(roles.isTrainer ? [JobCheckpoints, TrainingLauncher, TrainingRunner, Retraining] : []),
      ],
    };
  }
}
