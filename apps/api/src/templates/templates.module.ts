import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams/streams.module';
import { TemplatesController } from './templates.controller';

@Module({ imports: [StreamsModule], controllers: [TemplatesController] })
export class TemplatesModule {}
