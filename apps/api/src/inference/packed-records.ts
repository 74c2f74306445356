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

export function unpackRecords(packed: PackedRecords): readonly PlainRecord[] {
  const records: PlainRecord[] = [];
  let start = 0;
  for (const [index, length] of packed.lengths.entries()) {
    records.push({
      offset: packed.offsets[index] ?? 0,
      value: packed.bytes.subarray(start, start + length),
      receivedAtMs: packed.receivedAtMs[index] ?? 0,
    });
    start += length;
  }
  return records;
}
