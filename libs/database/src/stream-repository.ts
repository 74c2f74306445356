import {
  type Quarantine,
  type Stream,
  type StreamSettings,
  streamSettingsSchema,
  type WorkloadChange,
} from '@logbert/contracts';
import { and, asc, desc, eq, max, min } from 'drizzle-orm';
import type { Handle } from './handle';
import { models, quarantines, streams, untrainedWindows, workloadChanges } from './tables';

/** A stream as far as it is kept. */
export interface KnownStream extends Omit<Stream, 'untrained'> {
  /** Windows seen before there was a model, in the partition that has seen most. */
  readonly untrainedWindows: number;
}

export class StreamRepository {
  constructor(private readonly handle: Handle) {}

  /** Makes the stream known, or gives it new settings. */
  async upsert(name: string, settings: StreamSettings, nowMs: number): Promise<void> {
    await this.handle
      .insert(streams)
      .values({ name, settings, createdAt: nowMs })
      .onConflictDoUpdate({ target: streams.name, set: { settings } });
  }

  async find(name: string): Promise<KnownStream | undefined> {
    const [stream] = await this.select().where(eq(streams.name, name));
    if (!stream) return undefined;
    const [seen] = await this.seen().where(eq(untrainedWindows.stream, name));
    const quarantined = await this.quarantined().where(eq(quarantines.stream, name));
    const [changed] = await this.changed().where(eq(workloadChanges.stream, name));
    return whole(stream, quarantined, { windows: seen?.windows, changed });
  }

  async list(): Promise<readonly KnownStream[]> {
    const found = await this.select().orderBy(asc(streams.name));
    const quarantined = await this.quarantined();
    const seen = new Map((await this.seen()).map(({ stream, windows }) => [stream, windows]));
    const changed = new Map((await this.changed()).map((row) => [row.stream, row]));
    return found.map((stream) =>
      whole(stream, quarantined, {
        windows: seen.get(stream.name),
        changed: changed.get(stream.name),
      }),
    );
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

  private seen() {
    const { stream, windows } = untrainedWindows;
    return this.handle
      .select({ stream, windows: max(windows) })
      .from(untrainedWindows)
      .groupBy(stream)
      .$dynamic();
  }

  /** Since when, and how much at the most in any partition. */
  private changed() {
    const { stream, since, unlikeShare } = workloadChanges;
    return this.handle
      .select({ stream, since: min(since), unlikeShare: max(unlikeShare) })
      .from(workloadChanges)
      .groupBy(stream)
      .$dynamic();
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

type ChangeRow = {
  readonly since: number | null;
  readonly unlikeShare: number | null;
};
type QuarantineRow = Omit<Quarantine, 'partitions'> & { readonly stream: string };

/** Settings that an older version kept lack what came later. */
function whole(
  stream: Omit<KnownStream, 'quarantine' | 'untrainedWindows' | 'workloadChange'>,
  quarantined: readonly QuarantineRow[],
  {
    windows,
    changed,
  }: { readonly windows: number | null | undefined; readonly changed: ChangeRow | undefined },
): KnownStream {
  const own = quarantined.filter((row) => row.stream === stream.name);
  const settings = streamSettingsSchema.parse(stream.settings);
  const quarantine = gathered(own);
  const workloadChange = changeOf(changed);
  return {
    ...stream,
    settings,
    quarantine,
    workloadChange,
    untrainedWindows: Number(windows ?? 0),
  };
}

function changeOf(row: ChangeRow | undefined): WorkloadChange | null {
  return row ? { since: Number(row.since), unlikeShare: Number(row.unlikeShare) } : null;
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
