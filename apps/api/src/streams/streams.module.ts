import { Module } from '@nestjs/common';
import { QuarantineLedger } from './quarantine-ledger';
import { StreamsController } from './streams.controller';
import { StreamsService } from './streams.service';

@Module({
  controllers: [StreamsController],
  providers: [QuarantineLedger, StreamsService],
  exports: [QuarantineLedger, StreamsService],
})
export class StreamsModule {}
