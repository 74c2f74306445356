import type { Stream, StreamSettings } from '@logbert/contracts';
import { and, asc, eq } from 'drizzle-orm';
import type { Handle } from './handle';
import { models, streams } from './tables';

export class StreamRepository {
  constructor(private readonly handle: Handle) {}

  /** Makes the stream known, or gives it new settings. */
  async upsert(name: string, settings: StreamSettings, nowMs: number): Promise<void> {
    await this.handle
      .insert(streams)
      .values({ name, settings, createdAt: nowMs })
      .onConflictDoUpdate({ target: streams.name, set: { settings } });
  }

  async find(name: string): Promise<Stream | undefined> {
    const [stream] = await this.select().where(eq(streams.name, name));
    return stream;
  }

  async list(): Promise<readonly Stream[]> {
    return this.select().orderBy(asc(streams.name));
  }

  async count(): Promise<number> {
    return this.handle.$count(streams);
  }

  private select() {
    return this.handle
      .select({
        name: streams.name,
        settings: streams.settings,
        activeModelId: models.id,
        createdAt: streams.createdAt,
      })
      .from(streams)
      .leftJoin(models, and(eq(models.stream, streams.name), eq(models.isActive, true)));
  }
}
