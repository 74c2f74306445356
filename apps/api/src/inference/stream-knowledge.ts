import type { Database } from '@logbert/database';
import { Inject, Injectable } from '@nestjs/common';
import { ArtifactsService } from '../artifacts/artifacts.service';
import { DATABASE } from '../storage/database.token';
import { StreamsService } from '../streams/streams.service';
import type { StreamKnowledge } from './detector-pool';

/** Gathers what a detector thread must know of a stream: its settings and its active model's files. */
@Injectable()
export class StreamKnowledgeSource {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly streams: StreamsService,
    private readonly artifacts: ArtifactsService,
  ) {}

  async learn(name: string): Promise<StreamKnowledge> {
    const { settings } = await this.streams.ensure(name);
    const active = await this.database.repositories.models.active(name);
    if (!active) return { settings, model: undefined };
    return {
      settings,
      model: { modelId: active.id, files: await this.artifacts.loadBundle(active.id) },
    };
  }
}
