import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FollowedFileConfig, spoolConfigSchema } from '@logbert/contracts';
import type { RawRecord } from '../log-stream';
import { Collector, textOf } from '../log-stream-contract';
import { SpoolLogStream } from '../spool/spool-log-stream';
import type { StreamNotice } from '../stream-notice';
import { FollowingLogStream } from './following-log-stream';

const WITHIN_MS = 20_000;

/** A folder of logs and a stream that follows them, which can be closed and opened again. */
export class FollowerTestBed {
  readonly notices: StreamNotice[] = [];
  seen = new Collector();
  private opened: FollowingLogStream | undefined;

  private constructor(
    private readonly directory: string,
    private readonly lineLimitBytes: number,
  ) {}

  static async create(lineLimitBytes = 1_000): Promise<FollowerTestBed> {
    const directory = await mkdtemp(join(tmpdir(), 'logbert-followed-'));
    await mkdir(join(directory, 'logs'));
    return new FollowerTestBed(directory, lineLimitBytes);
  }

  get stream(): FollowingLogStream {
    if (!this.opened) throw new TypeError('nothing is followed');
    return this.opened;
  }

  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  log(name = 'app.log'): string {
    return join(this.directory, 'logs', name);
  }

  write(text: string, name = 'app.log'): Promise<void> {
    return appendFile(this.log(name), text);
  }

  /** Follows a log, or what else is named, with a new collector. */
  async follow(file: Partial<FollowedFileConfig> = {}): Promise<void> {
    const spool = await SpoolLogStream.open(this.dataDirectory, spoolConfigSchema.parse({}));
    const files = [{ path: this.log(), stream: 'shop', from: 'beginning', ...file } as const];
    this.opened = new FollowingLogStream(spool, files, {
      dataDirectory: this.dataDirectory,
      batchSize: 100,
      lineLimitBytes: this.lineLimitBytes,
      report: (notice) => this.notices.push(notice),
    });
    this.seen = new Collector();
    await this.opened.subscribe(this.seen.handler);
  }

  /** Says that all that was delivered is done, as far as a line. */
  release(record: RawRecord | undefined): void {
    if (record) this.seen.lastBatch().release(record.offset + 1);
  }

  async stop(): Promise<void> {
    await this.opened?.close();
    this.opened = undefined;
  }

  /** The first so many lines that are delivered since it follows. */
  async lines(count: number): Promise<readonly string[]> {
    return (await this.seen.until(count)).map(textOf);
  }

  async notice<Kind extends StreamNotice['kind']>(
    kind: Kind,
  ): Promise<Extract<StreamNotice, { kind: Kind }>> {
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const found = this.notices.find((notice) => notice.kind === kind);
      if (found) return found as Extract<StreamNotice, { kind: Kind }>;
      if (Date.now() > deadline)
        throw new Error(`no ${kind} among ${JSON.stringify(this.notices)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
