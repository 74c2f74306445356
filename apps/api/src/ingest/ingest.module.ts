import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams/streams.module';
import { IngestController } from './ingest.controller';
import { IngestService } from './ingest.service';
import { OtlpController } from './otlp.controller';
import { UploadsController } from './uploads.controller';
import { UploadsService } from './uploads.service';

@Module({
  imports: [StreamsModule],
  controllers: [IngestController, OtlpController, UploadsController],
  providers: [IngestService, UploadsService],
})
export class IngestModule {}
