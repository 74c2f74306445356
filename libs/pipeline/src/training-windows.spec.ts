import { streamSettingsSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { readTrainingWindows, type SourceRecord } from './training-windows';

const settings = streamSettingsSchema.parse({
  window: { kind: 'session', idleMs: 1_000, maxLength: 32 },
});

function record(atMs: number, requestId: string, partition: number): SourceRecord {
  const fields = { timestamp: atMs, request_id: requestId, message: 'a step' };
  const value = new TextEncoder().encode(JSON.stringify(fields));
  return { value, receivedAtMs: atMs, source: 'logs', partition };
}

async function lengthsOf(records: readonly SourceRecord[]): Promise<readonly number[]> {
  const read = await readTrainingWindows(
    async function* () {
      yield* records;
    },
    settings,
    () => undefined,
  );
  return read.windows.map(({ length }) => length);
}

describe('readTrainingWindows', () => {
  const start = 1_700_000_000_000;
  /** Requests of three lines, one after the other; every second one lies in the other partition. */
  const inOrder = Array.from({ length: 30 }, (_, index) => {
    const request = Math.floor(index / 3);
    return record(start + index * 600, `r-${request}`, request % 2);
  });

  it('cuts each partition by its own time, in whatever order they come', async () => {
    const byPartition = [0, 1].flatMap((wanted) =>
      inOrder.filter(({ partition }) => partition === wanted),
    );
    expect(await lengthsOf(byPartition)).toEqual(Array(8).fill(3));
    const other = [1, 0].flatMap((wanted) =>
      inOrder.filter(({ partition }) => partition === wanted),
    );
    expect(await lengthsOf(other)).toEqual(Array(8).fill(3));
  });

  it('leaves out the windows that the end of the source cut off', async () => {
    const together = inOrder.map(({ value, receivedAtMs }) => ({ value, receivedAtMs }));
    expect(await lengthsOf(together)).toEqual(Array(9).fill(3));
  });
});
