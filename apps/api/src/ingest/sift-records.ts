import type { SplitBody } from '@logbert/log-records';

/** Tells records that are longer than a line may be from the others; a record's number counts from 1. */
export function siftRecords(records: readonly Uint8Array[], limitBytes: number): SplitBody {
  const rejected = records.flatMap(({ length }, index) =>
    length > limitBytes
      ? [{ line: index + 1, reason: `too long: ${length} bytes, the limit is ${limitBytes}` }]
      : [],
  );
  return { lines: records.filter(({ length }) => length <= limitBytes), rejected };
}
