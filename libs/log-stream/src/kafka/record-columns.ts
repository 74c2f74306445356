import type { IHeaders } from 'kafkajs';
import { damaged, VarintReader } from './varint-reader';

/** What the head of a record batch says of all its records. */
export interface BatchHead {
  readonly baseOffset: number;
  readonly firstTimestamp: number;
  /** When the broker took them in, for all of them; undefined where each has the time that its producer gave it. */
  readonly appendedAt: number | undefined;
  readonly count: number;
  /** Of the last offset, from the first; records may lie before it only. */
  readonly lastOffsetDelta: number;
}

/** Columns of places: where key, value and headers begin, how long the first two are, and where the record ends. */
const KEY_AT = 0;
const VALUE_AT = 2;
const VALUE_LENGTH = 3;
const HEADERS_AT = 4;
const END = 5;
const COLUMNS = 6;
/** Length, attributes, time, offset, key, value, headers. */
const LEAST_BYTES = 7;
/** The length of what is null. */
const NULL = -1;
/** The last time that a date can be. */
const LAST_DATE_MS = 8.64e15;
/** Of a header whose value is null: the library sends on no such header. */
const NO_BYTES = Buffer.alloc(0);

/**
 * The records of one record batch as columns of numbers beside the bytes that they came in. Keys, values and headers are
 * views, made for whoever asks.
 *
 * Source: Apache Kafka documentation, "Message Format", records of magic 2.
 */
export class RecordColumns {
  readonly offsets: Float64Array;
  /** Milliseconds since 1970. */
  readonly timestamps: Float64Array;
  private readonly places: Int32Array;
  /** The headers read last, and of which record: those of its neighbours are mostly the same. */
  private lastHeaders: { readonly index: number; readonly headers: IHeaders } | undefined;

  /**
   * @param bytes the records of the batch, unpacked
   * @throws UnpackFailure when they are not what the head says
   */
  constructor(
    readonly bytes: Buffer,
    { baseOffset, firstTimestamp, appendedAt, count, lastOffsetDelta }: BatchHead,
  ) {
    if (count * LEAST_BYTES > bytes.length) throw damaged();
    this.offsets = new Float64Array(count);
    this.timestamps = new Float64Array(count);
    this.places = new Int32Array(count * COLUMNS);
    const reader = new VarintReader(bytes);
    let before = -1;
    for (let index = 0; index < count; index++) {
      const place = index * COLUMNS;
      const length = reader.next();
      const end = reader.at + length;
      // Attributes: a record has none.
      reader.skip(1);
      const sinceFirst = reader.next();
      this.timestamps[index] = withinDates(appendedAt ?? firstTimestamp + sinceFirst);
      const delta = reader.next();
      // Brokers believe producers here: one could name the offsets of others.
      if (delta <= before || delta > lastOffsetDelta) throw damaged();
      this.offsets[index] = baseOffset + delta;
      before = delta;
      this.noteField(reader, place + KEY_AT);
      this.noteField(reader, place + VALUE_AT);
      this.places[place + HEADERS_AT] = reader.at;
      this.places[place + END] = end;
      skipHeaders(reader);
      if (reader.at > end) throw damaged();
      reader.skip(end - reader.at);
    }
  }

  get count(): number {
    return this.offsets.length;
  }

  keyOf(index: number): Buffer | null {
    return this.field(index * COLUMNS + KEY_AT);
  }

  valueOf(index: number): Buffer | null {
    return this.field(index * COLUMNS + VALUE_AT);
  }

  /** Bytes of the value; 0 of one that is null. */
  sizeOf(index: number): number {
    return Math.max(0, this.places[index * COLUMNS + VALUE_LENGTH] ?? 0);
  }

  /** Records that have the same ones share them. */
  headersOf(index: number): IHeaders {
    const last = this.lastHeaders;
    if (last !== undefined && this.hasSameHeaders(last.index, index)) return last.headers;
    const headers = this.readHeaders(index);
    this.lastHeaders = { index, headers };
    return headers;
  }

  private noteField(reader: VarintReader, place: number): void {
    const length = reader.next();
    this.places[place] = reader.at;
    this.places[place + 1] = length;
    if (length !== NULL) reader.skip(length);
  }

  private field(place: number): Buffer | null {
    const from = this.places[place] ?? 0;
    const length = this.places[place + 1] ?? NULL;
    return length === NULL ? null : this.bytes.subarray(from, from + length);
  }

  private hasSameHeaders(one: number, other: number): boolean {
    const { bytes } = this;
    const [from, to] = this.headerBounds(one);
    const [otherFrom, otherTo] = this.headerBounds(other);
    if (to - from !== otherTo - otherFrom) return false;
    return to - from === 1 || bytes.compare(bytes, from, to, otherFrom, otherTo) === 0;
  }

  private headerBounds(index: number): readonly [from: number, to: number] {
    const place = index * COLUMNS;
    return [this.places[place + HEADERS_AT] ?? 0, this.places[place + END] ?? 0];
  }

  private readHeaders(index: number): IHeaders {
    const headers: IHeaders = Object.create(null);
    const reader = new VarintReader(this.bytes, this.headerBounds(index)[0]);
    const count = reader.next();
    for (let read = 0; read < count; read++) {
      const name = this.readBytes(reader)?.toString() ?? '';
      const value = this.readBytes(reader) ?? NO_BYTES;
      const before = headers[name];
      if (before === undefined) headers[name] = value;
      else if (Array.isArray(before)) before.push(value);
      else headers[name] = [before, value];
    }
    return headers;
  }

  private readBytes(reader: VarintReader): Buffer | null {
    const length = reader.next();
    if (length === NULL) return null;
    const from = reader.at;
    reader.skip(length);
    return this.bytes.subarray(from, from + length);
  }
}

/** A producer can tell any number of 64 bits. */
function withinDates(timestampMs: number): number {
  return Math.max(-LAST_DATE_MS, Math.min(LAST_DATE_MS, timestampMs));
}

function skipHeaders(reader: VarintReader): void {
  const count = reader.next();
  for (let read = 0; read < count * 2; read++) {
    const length = reader.next();
    if (length !== NULL) reader.skip(length);
  }
}
