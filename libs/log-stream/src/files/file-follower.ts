import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { FollowedFileConfig } from '@logbert/contracts';
import { backoff, sleep } from '../batch-delivery';
import type { BatchHandler, PartitionLag, RawRecord } from '../log-stream';
import { SpoolInUseFailure } from '../log-stream-failures';
import { CommittedPositions } from '../spool/committed-positions';
import { claimDirectory } from '../spool/directory-claim';
import { ownIdentity } from '../spool/own-identity';
import { IDENTITY_FILE, POSITIONS_FILE } from '../spool/spool-layout';
import type { Report } from '../stream-notice';
import { expandPath, isPattern } from './expand-paths';
import { FileConsumer } from './file-consumer';
import { findState } from './file-search';
import { FOLLOWED_DIRECTORY } from './followed-layout';
import { PartitionHistory } from './partition-history';
import { Seats } from './seats';

const LOOK_FOR_FILES_EVERY_MS = 1_000;
const CLAIM_AGAIN_MS = 2_000;
const PROGRESS_WITHIN_MS = 60_000;
const BATCHES_AT_ONCE = 8;
const MAX_FILES = 1_000;
/** Numbers below are those of a spool or a topic. */
const FIRST_PARTITION = 65_536;
const LAST_PARTITION = 2 ** 31 - 1;

export interface FileFollowerOptions {
  readonly dataDirectory: string;
  readonly batchSize: number;
  /** Longer lines are parked. */
  readonly lineLimitBytes: number;
  readonly report: Report;
}

interface Duties {
  readonly handler: BatchHandler;
  readonly park: (record: RawRecord, reason: string) => Promise<void>;
}

/** Delivers the lines of all files that the configuration names, as they are there. */
export class FileFollower {
  private readonly directory: string;
  private readonly consumers = new Map<string, FileConsumer>();
  private readonly seats = new Seats(BATCHES_AT_ONCE);
  private readonly stopping = new AbortController();
  /** Where links lead to that are followed: the same file under two names is followed once. */
  private readonly targets = new Map<string, string>();
  private running: Promise<void> | undefined;
  private isFull = false;

  constructor(
    private readonly files: readonly FollowedFileConfig[],
    private readonly options: FileFollowerOptions,
  ) {
    this.directory = join(options.dataDirectory, FOLLOWED_DIRECTORY);
  }

  /** Resolves when the files that are there are followed, or it is clear that another process has them. */
  async start(duties: Duties): Promise<void> {
    await new Promise<void>((resolve) => {
      this.running ??= this.run(duties, resolve);
    });
  }

  async lag(): Promise<readonly PartitionLag[]> {
    return Promise.all([...this.consumers.values()].map((consumer) => consumer.lag()));
  }

  isProgressing(): boolean {
    return [...this.consumers.values()].every((one) => one.hasProgressed(PROGRESS_WITHIN_MS));
  }

  /** Lets the batches at work finish. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(duties: Duties, onFirstLook: () => void): Promise<void> {
    const { signal } = this.stopping;
    const unclaim = await this.claim(onFirstLook);
    if (!unclaim) return;
    const positions = await this.persistently(
      () =>
        CommittedPositions.load(join(this.directory, POSITIONS_FILE), (error) =>
          this.options.report({ kind: 'commit-failed', error }),
        ),
      onFirstLook,
    );
    const identity = await this.persistently(
      () => ownIdentity(join(this.directory, IDENTITY_FILE)),
      onFirstLook,
    );
    if (positions && identity) {
      for (let isFirst = true; !signal.aborted; isFirst = false) {
        for (const file of this.files) {
          await this.lookFor(file, isFirst, { positions, identity, duties });
        }
        onFirstLook();
        await sleep(LOOK_FOR_FILES_EVERY_MS, signal);
      }
    }
    onFirstLook();
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.stop()));
    await positions?.flush();
    await unclaim();
  }

  /** Waits until no other process follows the files of this data directory. */
  private async claim(onTaken: () => void): Promise<(() => Promise<void>) | undefined> {
    let isTold = false;
    while (!this.stopping.signal.aborted) {
      try {
        return await claimDirectory(this.directory);
      } catch (error) {
        const isTaken = error instanceof SpoolInUseFailure;
        if (!isTold) this.tell(isTaken, error);
        isTold = true;
        onTaken();
        await sleep(CLAIM_AGAIN_MS, this.stopping.signal);
      }
    }
    return undefined;
  }

  private tell(isTaken: boolean, error: unknown): void {
    const { report } = this.options;
    if (isTaken) report({ kind: 'files-followed-elsewhere', error });
    else report({ kind: 'file-unreadable', path: this.directory, error });
  }

  private async persistently<T>(
    load: () => Promise<T>,
    onFailure: () => void,
  ): Promise<T | undefined> {
    for (let attempt = 1; !this.stopping.signal.aborted; attempt++) {
      try {
        return await load();
      } catch (error) {
        this.options.report({ kind: 'file-unreadable', path: this.directory, error });
        onFailure();
        await sleep(backoff(attempt), this.stopping.signal);
      }
    }
    return undefined;
  }

  private async lookFor(
    { path, stream, from }: FollowedFileConfig,
    isFirstLook: boolean,
    known: { positions: CommittedPositions; identity: string; duties: Duties },
  ): Promise<void> {
    for (const found of await expandPath(path)) {
      if (this.consumers.has(found)) continue;
      if (isPattern(path) && (await this.isFollowed(found))) continue;
      if (this.consumers.size >= MAX_FILES) return this.tellFull(found);
      // What appears later is new as a whole.
      const isOld = isFirstLook && (await findState(found).catch(() => undefined)) !== undefined;
      const start = isOld ? from : 'beginning';
      await this.follow({ path: found, stream, from: start }, known);
    }
  }

  /** Whether it is followed under another name already. */
  private async isFollowed(path: string): Promise<boolean> {
    const target = await realpath(path).catch(() => path);
    const follower = this.targets.get(target);
    if (follower !== undefined && follower !== path && this.consumers.has(follower)) return true;
    this.targets.set(target, path);
    return false;
  }

  private async follow(
    { path, stream, from }: FollowedFileConfig,
    {
      positions,
      identity,
      duties,
    }: { positions: CommittedPositions; identity: string; duties: Duties },
  ): Promise<void> {
    const { batchSize, lineLimitBytes, report } = this.options;
    const partition = partitionOf(identity, path);
    const log = { partition, path, stream };
    try {
      const directory = join(this.directory, String(partition));
      const history = await PartitionHistory.open(directory, log, positions.of(partition));
      const options = { batchSize, lineLimit: lineLimitBytes, from, report, seats: this.seats };
      const consumer = new FileConsumer(log, history, positions, { ...options, ...duties });
      this.consumers.set(path, consumer);
      await consumer.start();
    } catch (error) {
      // Its folder could not be written; the next look tries again.
      report({ kind: 'file-unreadable', path, error });
    }
  }

  private tellFull(path: string): void {
    if (!this.isFull) this.options.report({ kind: 'too-many-files', limit: MAX_FILES, path });
    this.isFull = true;
  }
}

/** The same for a path of this data directory always, and another one than that of any other process that shares its database. */
function partitionOf(identity: string, path: string): number {
  const digest = createHash('sha256').update(`${identity}\n${path}`).digest();
  return FIRST_PARTITION + (digest.readUInt32BE(0) % (LAST_PARTITION - FIRST_PARTITION));
}
