import { Module } from '@nestjs/common';
import { QuarantineLedger } from './quarantine-ledger';
import { StreamsController } from './streams.controller';
import { StreamsService } from './streams.service';
import { UntrainedLedger } from './untrained-ledger';
import { WorkloadLedger } from './workload-ledger';

@Module({
  controllers: [StreamsController],
  providers: [QuarantineLedger, StreamsService, UntrainedLedger, WorkloadLedger],
  exports: [QuarantineLedger, StreamsService, UntrainedLedger, WorkloadLedger],
})
export class StreamsModule {}
