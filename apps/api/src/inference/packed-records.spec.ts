import { describe, expect, it } from 'vitest';
import { buffersOf, packRecords, UnpackedRecords } from './packed-records';

describe('packed records', () => {
  const record = (offset: number, text: string) => ({
    offset,
    receivedAtMs: 1_900_000_000_000 + offset,
    value: new TextEncoder().encode(text),
  });

  it('come out as they went in, empty ones too', () => {
    const records = [record(7, 'first'), record(8, ''), record(9_007_199_254_740_990, 'ü🙂')];
    expect([...new UnpackedRecords(packRecords(records))]).toEqual(records);
  });

  it('carry the bytes of a view, not those of the buffer around it', () => {
    const whole = new TextEncoder().encode('before-value-after');
    const [only] = new UnpackedRecords(
      packRecords([{ offset: 1, receivedAtMs: 1, value: whole.subarray(7, 12) }]),
    );
    expect(new TextDecoder().decode(only?.value)).toBe('value');
  });

  it('come from an offset on, also one that no record has', () => {
    const records = [record(7, 'first'), record(9, ''), record(12, 'third')];
    const packed = packRecords(records);
    for (const [from, left] of [
      [0, 3],
      [7, 3],
      [8, 2],
      [12, 1],
      [13, 0],
    ] as const) {
      const unpacked = new UnpackedRecords(packed, from);
      expect([...unpacked]).toEqual(records.slice(3 - left));
      expect([...unpacked.offsets]).toEqual(records.slice(3 - left).map(({ offset }) => offset));
    }
  });

  it('name four buffers to hand over', () => {
    expect(new Set(buffersOf(packRecords([record(1, 'x')]))).size).toBe(4);
  });
});
