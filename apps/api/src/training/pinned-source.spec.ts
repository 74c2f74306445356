import type { SourcePin } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { PinnedSource, type PlacedRecord } from './pinned-source';
import { TrainingSourceChangedFailure } from './training-failures';

const bytes = (text: string) => new TextEncoder().encode(text);
const record = (partition: number, offset: number, text = `line ${offset}`): PlacedRecord => ({
  value: bytes(text),
  receivedAtMs: 1,
  source: 'logs',
  partition,
  offset,
});
const fileLine = (text: string): PlacedRecord => ({ value: bytes(text), receivedAtMs: 1 });

/** A source that can change between two readings. */
function sourceOf(records: PlacedRecord[], pin?: SourcePin, signal = new AbortController().signal) {
  const pins: SourcePin[] = [];
  const source = new PinnedSource(
    async function* () {
      yield* records;
    },
    pin,
    signal,
    (seen) => pins.push(seen),
  );
  const read = async () => {
    const lines: string[] = [];
    for await (const { value } of source.read()) lines.push(new TextDecoder().decode(value));
    return lines;
  };
  return { read, pins, records };
}

describe('PinnedSource', () => {
  it('says once what it read, by partition', async () => {
    const { read, pins } = sourceOf([record(0, 5), record(1, 2), record(0, 6)]);
    await read();
    await read();
    expect(pins).toEqual([
      [
        {
          source: 'logs',
          partition: 0,
          first: 5,
          last: 6,
          lines: 2,
          digest: expect.stringMatching(/^\w{64}$/),
        },
        {
          source: 'logs',
          partition: 1,
          first: 2,
          last: 2,
          lines: 1,
          digest: expect.stringMatching(/^\w{64}$/),
        },
      ],
    ]);
  });

  it('leaves out what has come since, also in another attempt', async () => {
    const first = sourceOf([record(0, 5), record(0, 6)]);
    const lines = await first.read();
    first.records.push(record(0, 7), record(1, 0));
    expect(await first.read()).toEqual(lines);
    expect(await sourceOf(first.records, first.pins[0]).read()).toEqual(lines);
  });

  it('bears partitions that come in another order between them', async () => {
    const { read, records } = sourceOf([record(0, 1), record(1, 1), record(0, 2)]);
    await read();
    records.push(...records.splice(0, 1));
    records.reverse();
    records.sort(
      (a, b) => (b.partition ?? 0) - (a.partition ?? 0) || (a.offset ?? 0) - (b.offset ?? 0),
    );
    expect(await read()).toHaveLength(3);
  });

  it.each([
    ['its last line is gone', (records: PlacedRecord[]) => records.pop(), /2 lines, and 1 now/],
    ['all is gone', (records: PlacedRecord[]) => records.splice(0), /2 lines, and 0 now/],
    [
      'a line is another one',
      (records: PlacedRecord[]) => records.splice(0, 1, record(0, 5, 'other')),
      /2 lines, and others now/,
    ],
  ])('fails when %s', async (_case, change, message) => {
    const { read, records } = sourceOf([record(0, 5), record(0, 6)]);
    await read();
    change(records);
    await expect(read()).rejects.toThrow(TrainingSourceChangedFailure);
    await expect(read()).rejects.toThrow(message);
  });

  it('goes on without the oldest lines of a stream, whose retention is over meanwhile', async () => {
    const first = sourceOf([record(0, 5), record(0, 6), record(1, 3), record(0, 9)]);
    await first.read();
    first.records.splice(0, 1);
    const left = ['line 6', 'line 3', 'line 9'];
    expect(await first.read()).toEqual(left);
    expect(await sourceOf(first.records, first.pins[0]).read()).toEqual(left);
  });

  it('fails when a stream has begun anew', async () => {
    const { read, records } = sourceOf([record(0, 5), record(0, 6)]);
    await read();
    records.splice(0, 2, record(0, 0), record(0, 6));
    await expect(read()).rejects.toThrow(TrainingSourceChangedFailure);
  });

  it('counts the lines of a file, which may have grown', async () => {
    const { read, records } = sourceOf([fileLine('a'), fileLine('b')]);
    const lines = await read();
    records.push(fileLine('c'));
    expect(await read()).toEqual(lines);
    records.splice(1, 1);
    await expect(read()).rejects.toThrow(/the file gave 2 lines, and others now/);
  });

  it('tells where one line ends, whatever their lengths', async () => {
    const long = 'x'.repeat(70_000);
    const { read, records } = sourceOf(['ab', 'c', long, '', long].map(fileLine));
    await read();
    await read();
    records.splice(0, 2, fileLine('a'), fileLine('bc'));
    await expect(read()).rejects.toThrow(/others now/);
  });

  it('says nothing of a reading that was broken off', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    const { read, pins } = sourceOf([record(0, 1)], undefined, stopped);
    await expect(read()).rejects.toThrow('stopped');
    expect(pins).toEqual([]);
  });

  it('reads an empty source as an empty one', async () => {
    const { read, pins } = sourceOf([]);
    expect(await read()).toEqual([]);
    expect(pins).toEqual([[]]);
  });
});
