/** Many records in four buffers, so that handing them to a thread copies nothing. */
export interface PackedRecords {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly offsets: Float64Array<ArrayBuffer>;
  readonly receivedAtMs: Float64Array<ArrayBuffer>;
}

interface PlainRecord {
  readonly offset: number;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

export function packRecords(records: readonly PlainRecord[]): PackedRecords {
  const total = records.reduce((sum, { value }) => sum + value.length, 0);
  const packed = {
    bytes: new Uint8Array(total),
    lengths: new Uint32Array(records.length),
    offsets: new Float64Array(records.length),
    receivedAtMs: new Float64Array(records.length),
  };
  let start = 0;
  for (const [index, { offset, value, receivedAtMs }] of records.entries()) {
    packed.bytes.set(value, start);
    packed.lengths[index] = value.length;
    packed.offsets[index] = offset;
    packed.receivedAtMs[index] = receivedAtMs;
    start += value.length;
  }
  return packed;
}

/** The buffers to transfer along with packed records. */
export function buffersOf(packed: PackedRecords): ArrayBuffer[] {
  return [
    packed.bytes.buffer,
    packed.lengths.buffer,
    packed.offsets.buffer,
    packed.receivedAtMs.buffer,
  ];
}

/**
 * Packed records from an offset on, in the order of their offsets. Each is made when it is read: of thousands that were made at once
 * the last ones would still be there when garbage is collected, and be copied for nothing.
 */
export class UnpackedRecords implements Iterable<PlainRecord> {
  /** Of the records, ascending. */
  readonly offsets: Float64Array;

  constructor(
    private readonly packed: PackedRecords,
    private readonly fromOffset = -Infinity,
  ) {
    const first = packed.offsets.findIndex((offset) => offset >= fromOffset);
    this.offsets = packed.offsets.subarray(first < 0 ? packed.offsets.length : first);
  }

  *[Symbol.iterator](): Generator<PlainRecord> {
    const { bytes, lengths, offsets, receivedAtMs } = this.packed;
    let start = 0;
    for (let index = 0; index < offsets.length; index++) {
      const end = start + (lengths[index] ?? 0);
      const offset = offsets[index] ?? 0;
      if (offset >= this.fromOffset) {
        const value = bytes.subarray(start, end);
        yield { offset, value, receivedAtMs: receivedAtMs[index] ?? 0 };
      }
      start = end;
    }
  }
}
