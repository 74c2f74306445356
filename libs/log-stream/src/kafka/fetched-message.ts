import type { IHeaders, RecordBatchEntry } from 'kafkajs';
import type { RecordColumns } from './record-columns';

/** A record as the client library hands it out; what it says is read from its columns when somebody asks. */
export class FetchedMessage implements RecordBatchEntry {
  constructor(
    readonly columns: RecordColumns,
    readonly index: number,
    /** Whether it is no record: the library passes it over, and its offset counts. */
    readonly isControlRecord: boolean,
  ) {}

  get offset(): string {
    return String(this.columns.offsets[this.index]);
  }

  get timestamp(): string {
    return String(this.columns.timestamps[this.index]);
  }

  get attributes(): number {
    return 0;
  }

  get key(): Buffer | null {
    return this.columns.keyOf(this.index);
  }

  get value(): Buffer | null {
    return this.columns.valueOf(this.index);
  }

  get headers(): IHeaders {
    return this.columns.headersOf(this.index);
  }
}
