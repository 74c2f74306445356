import type { DetectionConfig } from '@logbert/contracts';
import { Logger, Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/artifacts.module';
import { DETECTION_CONFIG, LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { IncidentsModule } from '../incidents/incidents.module';
import { ModelsModule } from '../models/models.module';
import { StreamsModule } from '../streams/streams.module';
import { Checkpoints } from './checkpoints';
import { DetectorPool } from './detector-pool';
import { InferenceFigures } from './inference-figures';
import { InferenceService } from './inference.service';
import { LogStreamController } from './log-stream.controller';
import { StreamKnowledgeSource } from './stream-knowledge';
import { StreamRefresher } from './stream-refresher';
import { ThreadLosses } from './thread-losses';

const logger = new Logger('Inference');

/** Lost windows can only be rebuilt by reading again from the committed position, which a start does. */
function endProgram(failure: Error): void {
  logger.error(
    `${failure.message}; ending, so that a restart reads again from the last committed position`,
  );
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}

@Module({
  imports: [ArtifactsModule, IncidentsModule, ModelsModule, StreamsModule],
  controllers: [LogStreamController],
  providers: [
    InferenceService,
    Checkpoints,
    ThreadLosses,
    InferenceFigures,
    StreamKnowledgeSource,
    StreamRefresher,
    {
      provide: DetectorPool,
      inject: [DETECTION_CONFIG, LOCATIONS, StreamKnowledgeSource, ThreadLosses],
      useFactory: (
        detection: DetectionConfig,
        { detectorProgram }: Locations,
        knowledge: StreamKnowledgeSource,
        losses: ThreadLosses,
      ) =>
        new DetectorPool(
          { file: detectorProgram, detection },
          (stream) => knowledge.learn(stream),
          {
            loss: (failure, isOfThread) => losses.tell(failure, isOfThread),
            death: endProgram,
            modelRefused: (stream, modelId, failure) =>
              logger.error(`model ${modelId} of stream ${stream} was refused: ${failure.message}`),
          },
        ),
    },
  ],
})
export class InferenceModule {}
