import { randomUUID } from 'node:crypto';
import type { DetectionConfig } from '@logbert/contracts';
import type { Database, KeptDetectorState, PartitionOwner } from '@logbert/database';
import type { LogStream, RecordBatch } from '@logbert/log-stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DETECTION_CONFIG } from '../config/config.module';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { DATABASE } from '../storage/database.token';
import { DetectorPool } from './detector-pool';
import type { PartitionSnapshot } from './detector-protocol';
import { UnwrittenFindings } from './unwritten-findings';
import { type ThreadLoss, ThreadLosses } from './thread-losses';

/** Checkpoints take this share of the time at most; between two of them is as much as that asks for, up to a bound. */
const MAX_SHARE_OF_TIME = 0.05;
const LONGEST_PAUSE_MS = 60_000;
/** Records that were received so long after a checkpoint was written are not those that it speaks of. */
const CLOCK_SKEW_MS = 60_000;

/** What detectors found, to be made durable. */
export interface Tracked<Found> {
  write(write: (found: Found) => Promise<void>): Promise<void>;
}

/** The newest batch of a partition: what the detectors know is kept and let go of through it. */
export type Release = Pick<
  RecordBatch,
  'source' | 'partition' | 'epoch' | 'release' | 'signal' | 'goBackTo'
>;

/** One partition in one epoch. */
interface Course {
  readonly partition: number;
  readonly epoch: number;
  /** Where the epoch began. */
  readonly firstOffset: number;
  /** The newest batch, and the offset of its last record. */
  newest: Release;
  lastOffset: number;
  /** Offset after what was kept last, or where the epoch began. */
  keptTo: number;
  readonly unwritten: UnwrittenFindings;
  /** Whether its detectors know more than was kept. */
  isDirty: boolean;
  beganAtMs: number;
  /** Of the last one: taking and saving it, without waiting for what had to be written first. */
  tookMs: number;
  saving: Promise<void> | undefined;
}

/**
 * Keeps what the detectors know of each partition, with the position it is of, and gives it back after a crash or a
 * change of owner. A position is let go of only when the state at it is durable, and what was found before it was
 * written before that: whoever goes on from there finds the same as one who was never interrupted.
 */
@Injectable()
export class Checkpoints {
  private readonly logger = new Logger(Checkpoints.name);
  /** Tells this process apart from all others that read the same partitions, before and after it. */
  private readonly self = randomUUID();
  private readonly courses = new Map<string, Course>();
  /** Partitions whose windows were lost in the middle of an epoch, with where that began. */
  private readonly lost = new Map<string, number>();
  /** Places that partitions were sent back to because their first record came after it. */
  private readonly gaps = new Map<string, number>();
  /** Partitions that were sent back because of a state that cannot be used. */
  private readonly sentBack = new Set<string>();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(LOG_STREAM) private readonly logStream: LogStream,
    @Inject(DETECTION_CONFIG) private readonly config: DetectionConfig,
    private readonly detectors: DetectorPool,
    losses: ThreadLosses,
  ) {
    losses.all.subscribe((loss) => this.forget(loss));
  }

  /** The name of a topic's positions in the database. */
  sourceOf(topic: string): string {
    return `${this.logStream.identity}/${topic}`;
  }

  /** Who writes what is found in a partition in this epoch. */
  ownerOf({
    source,
    partition,
    epoch,
  }: Pick<Release, 'source' | 'partition' | 'epoch'>): PartitionOwner {
    return { source: this.sourceOf(source), partition, owner: `${this.self}/${epoch}` };
  }

  /**
   * Has the detectors go on from what was kept, with the first batch of an epoch.
   *
   * @returns whether the batch may be worked on; not when the partition is delivered again from an earlier place
   */
  async resume(batch: RecordBatch): Promise<boolean> {
    const name = nameOf(batch);
    const { source, partition, epoch, firstOffset } = batch;
    const lastOffset = batch.records.at(-1)?.offset ?? firstOffset;
    const course = this.courses.get(name);
    if (course?.epoch === epoch) {
      course.newest = batch;
      course.lastOffset = lastOffset;
      return true;
    }
    const place = { source, partition, epoch };
    // Before anything is read that an owner of before might still be writing.
    await this.database.repositories.partitionOwners.takeOver(this.ownerOf(batch), Date.now());
    const kept = await this.find(batch);
    const begun = this.lost.get(name);
    if (begun !== undefined) {
      this.lost.delete(name);
      const backTo = kept?.nextOffset ?? begun;
      if (firstOffset > backTo) {
        batch.goBackTo(backTo);
        return false;
      }
    }
    if (kept && this.isBeyond(name, kept.nextOffset, firstOffset)) {
      batch.goBackTo(kept.nextOffset);
      return false;
    }
    const { templateCounts } = this.database.repositories;
    const counted = await templateCounts.positions(this.sourceOf(source), partition);
    const refusal = await this.handOver(place, counted, kept);
    if (refusal !== undefined && kept && !this.sentBack.has(name)) {
      this.logger.warn(
        `what was kept of ${name} at ${kept.nextOffset} is dropped: ${refusal}. ` +
          `Its records are read again from ${kept.lowWatermark}.`,
      );
      await this.database.repositories.detectorStates.save({ ...kept, state: null }, Date.now());
      // Only once: records that are gone for good cannot be gone back to.
      this.sentBack.add(name);
      if (firstOffset > kept.lowWatermark) {
        batch.goBackTo(kept.lowWatermark);
        return false;
      }
    }
    this.sentBack.delete(name);
    this.courses.set(name, {
      partition,
      epoch,
      firstOffset,
      newest: batch,
      lastOffset,
      keptTo: firstOffset,
      unwritten: new UnwrittenFindings(),
      isDirty: false,
      beganAtMs: Date.now(),
      tookMs: 0,
      saving: undefined,
    });
    return true;
  }

  /**
   * Whether a partition has to be read again from its checkpoint: a group may be given a later place than that speaks of,
   * and what lies between has been seen by nobody. Only once on end, since records that are gone for good stay away.
   */
  private isBeyond(name: string, nextOffset: number, firstOffset: number): boolean {
    if (firstOffset <= nextOffset) {
      this.gaps.delete(name);
      return false;
    }
    const place = `${name} is delivered from ${firstOffset}, but was read up to ${nextOffset}`;
    if (this.gaps.get(name) === nextOffset) {
      this.logger.error(
        `${place}: what lay between is gone. Give its topic a longer retention if those were lines.`,
      );
      return false;
    }
    this.logger.warn(`${place}; it is read again from there`);
    this.gaps.set(name, nextOffset);
    return true;
  }

  /** Whether the detectors have been given what is before the batch, so that there is nothing to resume. */
  isUnderWay(release: Release): boolean {
    return this.courseOf(release) !== undefined;
  }

  /**
   * Has the detectors asked for what they find. Unless that comes to be written, nothing of the epoch is kept any more, and the
   * partition is delivered again from its checkpoint.
   */
  async tracked<Found>(
    release: Release,
    find: () => Promise<Found | undefined>,
  ): Promise<Tracked<Found> | undefined> {
    const course = this.courseOf(release);
    // Before the detectors are asked: they may know of it in all that is kept of them from now on.
    const expected = course?.unwritten.expect();
    let found: Found | undefined;
    try {
      found = await find();
    } finally {
      if (found === undefined) expected?.resolve();
    }
    if (found === undefined) return undefined;
    const what = found;
    return {
      write: async (write) => {
        await write(what).catch((error: unknown) => {
          if (course) this.giveUp(course, release, error);
          throw error;
        });
        expected?.resolve();
        if (course) course.isDirty = true;
      },
    };
  }

  /** Keeps the partition's state when it is time to; in the order of the orders to its detectors, without waiting. */
  keepIfDue(release: Release): void {
    const course = this.courseOf(release);
    if (!course?.isDirty || !course.unwritten.isSound || course.saving) return;
    const pause = Math.min(course.tookMs / MAX_SHARE_OF_TIME, LONGEST_PAUSE_MS);
    if (Date.now() - course.beganAtMs < Math.max(this.config.checkpointMs, pause)) return;
    this.begin(course, release);
  }

  /** Keeps what is known of each partition once more, before the program ends. */
  async finish(releases: Iterable<Release>): Promise<void> {
    const last = [...releases].map(async (release) => {
      const course = this.courseOf(release);
      await course?.saving;
      if (course?.isDirty && course.unwritten.isSound) await this.begin(course, release);
    });
    await Promise.all(last);
  }

  private forget({ failure, isOfThread }: ThreadLoss): void {
    this.logger.error(`${failure.message}; its partitions are read again from their checkpoints`);
    for (const [name, course] of this.courses) {
      // At once, and not with the next batch: a partition that stays silent has windows to complete, too.
      if (isOfThread(course.partition)) this.readAgain(name, course);
    }
  }

  private giveUp(course: Course, release: Release, error: unknown): void {
    const name = nameOf(release);
    course.unwritten.fail(error);
    if (release.signal.aborted || this.courses.get(name) !== course) return;
    this.logger.warn(`what was found in ${name} was not written: ${String(error)}`);
    this.readAgain(name, course);
  }

  private readAgain(name: string, course: Course): void {
    this.lost.set(name, course.firstOffset);
    this.courses.delete(name);
    // One record at the least, also when all is kept: of a partition without any nobody would hear again.
    const place = Math.min(course.keptTo, course.lastOffset);
    this.logger.warn(`${name} is read again from ${place}`);
    try {
      course.newest.goBackTo(place);
    } catch (error) {
      // A source that fails at that moment begins all of its partitions anew.
      this.logger.warn(`${name} is read again when its source is back: ${String(error)}`);
    }
  }

  private begin(course: Course, release: Release): Promise<void> {
    course.isDirty = false;
    course.beganAtMs = Date.now();
    course.saving = this.save(release, course)
      .catch((error: unknown) => {
        course.isDirty = true;
        if (release.signal.aborted) return;
        this.logger.warn(`what is known of ${nameOf(release)} was not kept: ${String(error)}`);
      })
      .finally(() => (course.saving = undefined));
    return course.saving;
  }

  private async save(release: Release, course: Course): Promise<void> {
    const { source, partition, epoch } = release;
    const { lastOffset } = course;
    const askedAtMs = Date.now();
    const written = course.unwritten.written();
    // It is waited for below.
    written.catch(() => undefined);
    const snapshot = await this.detectors.snapshot({ source, partition, epoch });
    const takenAtMs = Date.now();
    await written;
    if (!snapshot) return;
    if (snapshot.state === null) {
      this.logger.warn(
        `${nameOf(release)} has too much in its open windows to keep; ` +
          `a restart reads again from ${snapshot.lowWatermark}`,
      );
    }
    const { detectorStates } = this.database.repositories;
    // One of a later position is another owner's, who found and wrote the same up to here.
    const savedAtMs = Date.now();
    await detectorStates.save({ source: this.sourceOf(source), partition, ...snapshot }, savedAtMs);
    course.tookMs = takenAtMs - askedAtMs + (Date.now() - savedAtMs);
    course.keptTo = snapshot.nextOffset;
    release.release(positionAfter(snapshot, lastOffset));
  }

  private async find(batch: RecordBatch): Promise<KeptDetectorState | undefined> {
    const { detectorStates, templateCounts } = this.database.repositories;
    const source = this.sourceOf(batch.source);
    const kept = await detectorStates.find(source, batch.partition);
    if (!kept) return undefined;
    // One that this process itself sends back is known to be the same.
    const isSame = this.lost.has(nameOf(batch)) || !isYounger(kept, batch);
    if (isSame && batch.highWatermark >= kept.nextOffset) return kept;
    this.logger.warn(
      `${nameOf(batch)} begins anew: what was kept of it at ${kept.nextOffset} is dropped`,
    );
    await detectorStates.remove(source, batch.partition);
    await templateCounts.forgetPositions(source, batch.partition);
    return undefined;
  }

  /** Why the kept state could not be handed over. */
  private async handOver(
    place: { source: string; partition: number; epoch: number },
    counted: ReadonlyMap<string, number>,
    kept: KeptDetectorState | undefined,
  ): Promise<string | undefined> {
    if (!kept || kept.state === null) {
      await this.detectors.resume(place, counted);
      return kept && 'there was too much of it';
    }
    const { nextOffset, streams, state } = kept;
    const answer = await this.detectors.resume(place, counted, { nextOffset, streams, state });
    for (const stream of answer.judgedAnew) {
      this.logger.log(
        `stream ${stream} has another model than when its state was kept: recent windows are learnt anew`,
      );
    }
    return answer.refusal;
  }

  private courseOf(release: Release): Course | undefined {
    const course = this.courses.get(nameOf(release));
    return course?.epoch === release.epoch ? course : undefined;
  }
}

/**
 * The last record is delivered again while a window is open: a new owner to whom nothing is delivered would not know of the
 * partition, and nobody would complete its windows.
 */
function positionAfter(
  { nextOffset, lowWatermark }: PartitionSnapshot,
  lastOffset: number,
): number {
  return lowWatermark < nextOffset ? Math.min(lastOffset, nextOffset) : nextOffset;
}

export function nameOf({ source, partition }: Pick<Release, 'source' | 'partition'>): string {
  return `${source}/${partition}`;
}

/** Whether the records are younger than what was kept of them: the partition was deleted and made again since. */
function isYounger(
  { nextOffset, savedAt }: KeptDetectorState,
  { records }: Pick<RecordBatch, 'records'>,
): boolean {
  return records.every(
    ({ offset, receivedAtMs }) => offset < nextOffset && receivedAtMs > savedAt + CLOCK_SKEW_MS,
  );
}
