import {
  type Quarantine,
  type Stream,
  type StreamSettings,
  streamSettingsSchema,
} from '@logbert/contracts';
import { and, asc, desc, eq } from 'drizzle-orm';
import type { Handle } from './handle';
import { models, quarantines, streams } from './tables';

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
    if (!stream) return undefined;
    return whole(stream, await this.quarantined().where(eq(quarantines.stream, name)));
  }

  async list(): Promise<readonly Stream[]> {
    const found = await this.select().orderBy(asc(streams.name));
    const quarantined = await this.quarantined();
    return found.map((stream) => whole(stream, quarantined));
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

  /** A row for each partition in quarantine, the one with most lines first. */
  private quarantined() {
    const { stream, since, lines, reason, partition } = quarantines;
    return this.handle
      .select({ stream, since, lines, reason })
      .from(quarantines)
      .orderBy(desc(lines), asc(partition))
      .$dynamic();
  }
}

type QuarantineRow = Omit<Quarantine, 'partitions'> & { readonly stream: string };

/** Settings that an older version kept lack what came later. */
function whole(stream: Omit<Stream, 'quarantine'>, quarantined: readonly QuarantineRow[]): Stream {
  const own = quarantined.filter((row) => row.stream === stream.name);
  const settings = streamSettingsSchema.parse(stream.settings);
  return { ...stream, settings, quarantine: gathered(own) };
}

function gathered(rows: readonly QuarantineRow[]): Quarantine | null {
  const [most] = rows;
  if (!most) return null;
  return {
    since: Math.min(...rows.map(({ since }) => since)),
    lines: rows.reduce((sum, { lines }) => sum + lines, 0),
    reason: most.reason,
    partitions: rows.length,
  };
}
