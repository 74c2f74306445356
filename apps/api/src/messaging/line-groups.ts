import type { Configuration, StreamSettings } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { buildGroupFinder } from '@logbert/log-records';
import type { RawRecord } from '@logbert/log-stream';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION } from '../config/config.module';
import { configuredSettings } from '../streams/configured-settings';
import { DATABASE } from '../storage/database.token';

/** Settings of a stream are looked up again after this time. */
const KNOWN_FOR_MS = 2_000;
/** Streams whose settings are kept; a name in a header may be anything. */
const MAX_KNOWN = 10_000;

interface KnownStream {
  readonly find: ReturnType<typeof buildGroupFinder>;
  readonly settings: StreamSettings;
  readonly lookedUpAtMs: number;
}

/** Finds the keys of lines that must be detected together, by the settings of their streams. */
@Injectable()
export class LineGroups {
  private readonly known = new Map<string, KnownStream>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async keysOf(records: readonly RawRecord[]): Promise<readonly (string | undefined)[]> {
    const finders = new Map<string, KnownStream['find']>();
    for (const { stream } of records) {
      if (!finders.has(stream)) finders.set(stream, await this.finderOf(stream));
    }
    return records.map(({ stream, value, receivedAtMs }) =>
      finders.get(stream)?.(value, receivedAtMs),
    );
  }

  private async finderOf(stream: string): Promise<KnownStream['find']> {
    const known = this.known.get(stream);
    const now = Date.now();
    if (known && now - known.lookedUpAtMs < KNOWN_FOR_MS) return known.find;
    const found = await this.database.repositories.streams.find(stream);
    const settings = found?.settings ?? configuredSettings(this.configuration, stream);
    const isSame = known && JSON.stringify(known.settings) === JSON.stringify(settings);
    const find = isSame ? known.find : buildGroupFinder(settings);
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(stream, { find, settings, lookedUpAtMs: now });
    return find;
  }
}
