import type { Configuration, Stream, StreamSettings } from '@logbert/contracts';
import type { Database, KnownStream } from '@logbert/database';
import { windowsNeededUntrained } from '@logbert/detection';
import { buildDecoder, FormatFailure } from '@logbert/log-records';
import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { CONFIGURATION } from '../config/config.module';
import {
  InvalidRequestFailure,
  NotFoundFailure,
  TooManyStreamsFailure,
} from '../problems/request-failure';
import { DATABASE } from '../storage/database.token';
import { configuredSettings } from './configured-settings';

/** The known streams and their settings: the database's, or else the configuration's. */
@Injectable()
export class StreamsService {
  private readonly known = new Set<string>();
  private readonly changed = new Subject<Stream>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Streams whose settings were changed in this process. */
  get changes(): Observable<Stream> {
    return this.changed;
  }

  async list(): Promise<readonly Stream[]> {
    return (await this.database.repositories.streams.list()).map(shown);
  }

  async get(name: string): Promise<Stream> {
    const stream = await this.database.repositories.streams.find(name);
    if (!stream) throw new NotFoundFailure('stream', name);
    return shown(stream);
  }

  /**
   * The stream, made with the configured settings when it is not known yet.
   * @throws TooManyStreamsFailure when it would be one more than the configuration allows
   */
  async ensure(name: string): Promise<Stream> {
    const { streams } = this.database.repositories;
    const found = await streams.find(name);
    if (found) return shown(found);
    await this.requireRoom(name);
    await streams.upsert(name, configuredSettings(this.configuration, name), Date.now());
    return this.get(name);
  }

  /** As `ensure`, without asking the database for a stream met before. */
  async meet(name: string): Promise<void> {
    if (this.known.has(name)) return;
    await this.ensure(name);
    this.known.add(name);
  }

  /**
   * @throws InvalidRequestFailure when no line could ever be read by these settings
   * @throws TooManyStreamsFailure when it would be one more than the configuration allows
   */
  async configure(name: string, settings: StreamSettings): Promise<Stream> {
    requireUsable(settings);
    const { streams } = this.database.repositories;
    if (!(await streams.find(name))) await this.requireRoom(name);
    await streams.upsert(name, settings, Date.now());
    const stream = await this.get(name);
    this.changed.next(stream);
    return stream;
  }

  /** Two that come at once may both find the last place: the bound keeps memory finite and need not be exact. */
  private async requireRoom(name: string): Promise<void> {
    const { maxStreams } = this.configuration.server;
    const count = await this.database.repositories.streams.count();
    if (count >= maxStreams) throw new TooManyStreamsFailure(name, maxStreams);
  }
}

function shown({ untrainedWindows, ...stream }: KnownStream): Stream {
  const isUntrained = stream.activeModelId === null;
  const windowsNeeded = windowsNeededUntrained(stream.settings.alertBudget);
  return {
    ...stream,
    untrained: isUntrained ? { windowsSeen: untrainedWindows, windowsNeeded } : null,
  };
}

/** A pattern may be of the right shape and still not compile, or take unbearably long. */
function requireUsable({ format, sessionKey }: StreamSettings): void {
  try {
    buildDecoder(format, sessionKey);
  } catch (error) {
    if (!(error instanceof FormatFailure)) throw error;
    throw new InvalidRequestFailure([{ field: error.field, reason: error.reason }]);
  }
}
