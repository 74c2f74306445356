import { type DynamicModule, Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module';
import { StreamsModule } from '../streams/streams.module';
import { JobJournal } from './job-journal';
import { SourceResolver } from './source-resolver';
import { TrainingLauncher } from './training-launcher';
import { TrainingRunner } from './training-runner';
import { TrainingController } from './training.controller';
import { TrainingService } from './training.service';

const IMPORTS = [ModelsModule, StreamsModule];

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
        ...(roles.isTrainer ? [TrainingLauncher, TrainingRunner] : []),
      ],
    };
  }
}
