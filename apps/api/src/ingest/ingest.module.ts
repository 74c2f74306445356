import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams/streams.module';
import { BodyGate } from './body-gate';
import { ElasticsearchController } from './elasticsearch.controller';
import { IngestController } from './ingest.controller';
import { IngestService } from './ingest.service';
import { LokiController } from './loki.controller';
import { OtlpController } from './otlp.controller';
import { UploadsController } from './uploads.controller';
import { UploadsService } from './uploads.service';

@Module({
  imports: [StreamsModule],
  controllers: [
    IngestController,
    OtlpController,
    LokiController,
    ElasticsearchController,
    UploadsController,
  ],
  providers: [BodyGate, IngestService, UploadsService],
})
export class IngestModule {}
