import { Module } from '@nestjs/common';
import { LiveFeed } from './live-feed';
import { LiveController } from './live.controller';
import { OutboxModule } from './outbox.module';

@Module({
  imports: [OutboxModule],
  controllers: [LiveController],
  providers: [LiveFeed],
})
export class LiveModule {}
