import type { Database } from '@logbert/database';
import { Failure } from '@logbert/failure';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ArtifactsService } from '../artifacts/artifacts.service';
import { DATABASE } from '../storage/database.token';
import { StreamsService } from '../streams/streams.service';
import type { StreamKnowledge } from './detector-pool';

/** Gathers what a detector thread must know of a stream: its settings and its active model's files. */
@Injectable()
export class StreamKnowledgeSource {
  private readonly logger = new Logger('Inference');

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly streams: StreamsService,
    private readonly artifacts: ArtifactsService,
  ) {}

  async learn(name: string): Promise<StreamKnowledge> {
    const { settings } = await this.streams.ensure(name);
    const active = await this.database.repositories.models.active(name);
    if (!active) return { settings, model: undefined };
    return { settings, model: await this.modelOf(name, active.id) };
  }

  /** A damaged or missing bundle is refused; the stream goes on with the model it had, or without one. */
  private async modelOf(stream: string, modelId: string): Promise<StreamKnowledge['model']> {
    try {
      return { modelId, files: await this.artifacts.loadBundle(modelId) };
    } catch (error) {
      if (!(error instanceof Failure) || error.retriable) throw error;
      this.logger.error(
        `model ${modelId} of stream ${stream} was refused: ${error.message}. ` +
          'Roll back, promote another model or train the stream again.',
      );
      return undefined;
    }
  }
}
