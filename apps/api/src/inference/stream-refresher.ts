import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { concatMap, map, merge, type Subscription } from 'rxjs';
import { ModelActivation } from '../models/model-activation';
import { StreamsService } from '../streams/streams.service';
import { InferenceService } from './inference.service';

/** Has a stream judged anew when another model is promoted or its settings change. */
@Injectable()
export class StreamRefresher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(StreamRefresher.name);
  private subscription: Subscription | undefined;

  constructor(
    private readonly inference: InferenceService,
    private readonly activation: ModelActivation,
    private readonly streams: StreamsService,
  ) {}

  onApplicationBootstrap(): void {
    this.subscription = merge(
      this.activation.activations.pipe(map(({ stream }) => stream)),
      this.streams.changes.pipe(map(({ name }) => name)),
    )
      .pipe(concatMap((stream) => this.refresh(stream)))
      .subscribe();
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }

  private async refresh(stream: string): Promise<void> {
    try {
      await this.inference.refresh(stream);
    } catch (error) {
      // The next batch of the stream asks for its model and settings again.
      this.logger.warn(`stream ${stream} could not be refreshed: ${String(error)}`);
    }
  }
}
