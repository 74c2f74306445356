import { createHash, type Hash } from 'node:crypto';
import type { SourcePin } from '@logbert/contracts';
import type { ReadRecords, SourceRecord } from '@logbert/pipeline';
import { TrainingSourceChangedFailure } from './training-failures';

/** A record and, where the source numbers them, its place in its partition. */
export type PlacedRecord = SourceRecord & { readonly offset?: number };

/** Lines are hashed in pieces: a call for each would take as long as its mining. */
const PIECE_BYTES = 65_536;
const NEWLINE = 10;

/**
 * A training source of which every reading gives the same lines, also in another attempt of the job: the first says what
 * it read, the others leave out what has come since, and fail when something of it is gone.
 *
 * A log stream forgets its oldest lines all the time, and what is left of them is as good to train on: only that may be
 * less than it was.
 */
export class PinnedSource {
  constructor(
    private readonly records: () => AsyncIterable<PlacedRecord>,
    private pin: SourcePin | undefined,
    private readonly signal: AbortSignal,
    private readonly onPinned: (pin: SourcePin) => void,
  ) {}

  readonly read: ReadRecords = () => (this.pin ? this.readAgain(this.pin) : this.readFirst());

  private async *readFirst(): AsyncGenerator<SourceRecord> {
    const tallies = new Map<string, PartitionTally>();
    for await (const record of this.records()) {
      tallyOf(tallies, record).take(record);
      yield record;
    }
    // A reading that was broken off saw too little.
    this.signal.throwIfAborted();
    this.pin = [...tallies.values()].map((tally) => tally.part());
    this.onPinned(this.pin);
  }

  /** @throws TrainingSourceChangedFailure at its end, when lines are gone or others */
  private async *readAgain(pin: SourcePin): AsyncGenerator<SourceRecord> {
    const tallies = new Map<string, PartitionTally>();
    const parts = new Map(pin.map((part) => [keyOf(part), part]));
    for await (const record of this.records()) {
      const part = parts.get(keyOf(record));
      const tally = tallyOf(tallies, record);
      if (!part || tally.placeOf(record) > part.last) continue;
      tally.take(record);
      yield record;
    }
    this.signal.throwIfAborted();
    for (const [key, before] of parts) {
      const now = tallies.get(key)?.part();
      if (!now || !(isSame(now, before) || isLaterPart(now, before))) {
        throw new TrainingSourceChangedFailure(before, now?.lines ?? 0);
      }
    }
  }
}

/** What was read of one partition. */
class PartitionTally {
  private readonly hash: Hash = createHash('sha256');
  private readonly piece = new Uint8Array(PIECE_BYTES);
  private used = 0;
  private first = 0;
  private last = 0;
  private lines = 0;

  constructor(
    private readonly source: string,
    private readonly partition: number,
  ) {}

  /** Its number where the source has none: files are read in their order. */
  placeOf({ offset }: PlacedRecord): number {
    return offset ?? this.lines;
  }

  take(record: PlacedRecord): void {
    this.last = this.placeOf(record);
    if (this.lines++ === 0) this.first = this.last;
    const { value } = record;
    if (this.used + value.length + 1 > PIECE_BYTES) this.flush();
    if (value.length < PIECE_BYTES) {
      this.piece.set(value, this.used);
      this.used += value.length;
    } else {
      this.hash.update(value);
    }
    this.piece[this.used++] = NEWLINE;
  }

  /** To be asked once, at the end. */
  part(): Part {
    this.flush();
    const { source, partition, first, last, lines } = this;
    return { source, partition, first, last, lines, digest: this.hash.digest('hex') };
  }

  private flush(): void {
    this.hash.update(this.piece.subarray(0, this.used));
    this.used = 0;
  }
}

type Part = SourcePin[number];

function isSame(now: Part, before: Part): boolean {
  return now.lines === before.lines && now.digest === before.digest;
}

/** Whether only the beginning is gone; lines of files have no number, and theirs is always the same. */
function isLaterPart(now: Part, before: Part): boolean {
  return now.first > before.first && now.last === before.last;
}

function tallyOf(tallies: Map<string, PartitionTally>, record: PlacedRecord): PartitionTally {
  const key = keyOf(record);
  const known = tallies.get(key);
  if (known) return known;
  const tally = new PartitionTally(record.source ?? '', record.partition ?? 0);
  tallies.set(key, tally);
  return tally;
}

function keyOf({ source = '', partition = 0 }: { source?: string; partition?: number }): string {
  return `${source}/${partition}`;
}
