import { Global, Module } from '@nestjs/common';
import { LiveThroughput } from './live-throughput';
import { Outbox } from './outbox';

/** What is announced in this process; needed by every role. */
@Global()
@Module({ providers: [Outbox, LiveThroughput], exports: [Outbox, LiveThroughput] })
export class OutboxModule {}
