import type { DetectionConfig, LogStreamConfig } from '@logbert/contracts';
import type { LogStream } from '@logbert/log-stream';
import { Logger, Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/artifacts.module';
import { DETECTION_CONFIG, LOCATIONS, LOG_STREAM_CONFIG } from '../config/config.module';
import type { Locations } from '../config/locations';
import { IncidentRecorder } from '../incidents/incident-recorder';
import { IncidentsModule } from '../incidents/incidents.module';
import { isRekeyed } from '../messaging/is-rekeyed';
import { endProgram } from '../logging/end-program';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { ModelsModule } from '../models/models.module';
import { StreamsModule } from '../streams/streams.module';
import { Checkpoints } from './checkpoints';
import { DetectorPool } from './detector-pool';
import { FindingsWriter } from './findings-writer';
import { InferenceFigures } from './inference-figures';
import { InferenceService } from './inference.service';
import { LogStreamController } from './log-stream.controller';
import { StreamKnowledgeSource } from './stream-knowledge';
import { StreamRefresher } from './stream-refresher';
import { ThreadLosses } from './thread-losses';

const logger = new Logger('Inference');

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
      provide: FindingsWriter,
      inject: [IncidentRecorder, LOG_STREAM, InferenceFigures],
      useFactory: (recorder: IncidentRecorder, logStream: LogStream, figures: InferenceFigures) =>
        new FindingsWriter({ recorder, logStream, figures, endProgram }),
    },
    {
      provide: DetectorPool,
      inject: [DETECTION_CONFIG, LOG_STREAM_CONFIG, LOCATIONS, StreamKnowledgeSource, ThreadLosses],
      useFactory: (
        detection: DetectionConfig,
        logStream: LogStreamConfig,
        { detectorProgram }: Locations,
        knowledge: StreamKnowledgeSource,
        losses: ThreadLosses,
      ) =>
        new DetectorPool(
          { file: detectorProgram, detection, sessionsByTime: isRekeyed(logStream) },
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
