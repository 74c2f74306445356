import { STREAM_HEADER } from '@logbert/contracts';
import type { IHeaders } from 'kafkajs';
import type { UnpackFailure } from '../codecs/unpack-failure';
import {
  type FetchedRecord,
  NO_BYTES,
  type RecordOrigin,
  textHeaders,
  withBinaryKey,
} from './fetched-record';
import type { RecordColumns } from './record-columns';
import { unreadableBatchOf, type UnreadableBatch } from './unreadable-batch';

/** The records of a record batch, with what they have in common. */
export class ColumnLines {
  readonly unreadable: UnreadableBatch | undefined;
  private lastHeaders: IHeaders | undefined;
  private lastTexts: Readonly<Record<string, string>> = {};

  constructor(
    readonly columns: RecordColumns,
    readonly origin: RecordOrigin,
  ) {
    this.unreadable = unreadableBatchOf(columns.bytes);
  }

  streamOf(index: number): string {
    return this.textHeadersOf(index)[STREAM_HEADER] || this.origin.stream;
  }

  headersOf(index: number): Readonly<Record<string, string>> {
    return withBinaryKey(this.columns.keyOf(index), this.textHeadersOf(index));
  }

  private textHeadersOf(index: number): Readonly<Record<string, string>> {
    const headers = this.columns.headersOf(index);
    if (headers !== this.lastHeaders) {
      this.lastHeaders = headers;
      this.lastTexts = textHeaders(headers);
    }
    return this.lastTexts;
  }
}

/** A record that is read when somebody asks: thousands wait, and are copied when garbage is collected meanwhile. */
export class ColumnRecord implements FetchedRecord {
  constructor(
    private readonly lines: ColumnLines,
    private readonly index: number,
  ) {}

  get stream(): string {
    return this.lines.streamOf(this.index);
  }

  get source(): string {
    return this.lines.origin.source;
  }

  get partition(): number {
    return this.lines.origin.partition;
  }

  get offset(): number {
    return this.lines.columns.offsets[this.index] ?? 0;
  }

  get key(): string | undefined {
    return this.lines.columns.keyOf(this.index)?.toString();
  }

  get headers(): Readonly<Record<string, string>> {
    return this.lines.headersOf(this.index);
  }

  get value(): Uint8Array {
    const { unreadable, columns } = this.lines;
    return unreadable?.packed ?? columns.valueOf(this.index) ?? NO_BYTES;
  }

  get size(): number {
    const { unreadable, columns } = this.lines;
    return unreadable?.packed.length ?? columns.sizeOf(this.index);
  }

  get receivedAtMs(): number {
    return this.lines.columns.timestamps[this.index] ?? 0;
  }

  get unreadable(): UnpackFailure | undefined {
    return this.lines.unreadable?.failure;
  }
}
