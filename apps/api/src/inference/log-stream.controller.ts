import { TOPICS } from '@logbert/contracts';
import type { RecordBatch } from '@logbert/log-stream';
import { Controller, UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { LogStreamFailureFilter } from '../messaging/log-stream-failure.filter';
import { InferenceService } from './inference.service';

@Controller()
@UseFilters(LogStreamFailureFilter)
export class LogStreamController {
  constructor(private readonly inference: InferenceService) {}

  @EventPattern(TOPICS.logs)
  onLogs(@Payload() batch: RecordBatch): Promise<void> {
    return this.inference.accept(batch);
  }
}
