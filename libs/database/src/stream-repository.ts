import { type Stream, type StreamSettings, streamSettingsSchema } from '@logbert/contracts';
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
    return stream && withDefaults(stream);
  }

  async list(): Promise<readonly Stream[]> {
    return (await this.select().orderBy(asc(streams.name))).map(withDefaults);
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

/** Settings that an older version kept lack what came later. */
function withDefaults(stream: Stream): Stream {
  return { ...stream, settings: streamSettingsSchema.parse(stream.settings) };
}
