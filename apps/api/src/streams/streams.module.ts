import { Module } from '@nestjs/common';
import { QuarantineLedger } from './quarantine-ledger';
import { StreamsController } from './streams.controller';
import { StreamsService } from './streams.service';
import { UntrainedLedger } from './untrained-ledger';

@Module({
  controllers: [StreamsController],
  providers: [QuarantineLedger, StreamsService, UntrainedLedger],
  exports: [QuarantineLedger, StreamsService, UntrainedLedger],
})
export class StreamsModule {}
