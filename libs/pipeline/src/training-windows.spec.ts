import { streamSettingsSchema } from '@logbert/contracts';
import { BOUNDED_MEMORY } from '@logbert/template-mining';
import { describe, expect, it } from 'vitest';
import { readTrainingWindows, type SourceRecord } from './training-windows';

const settings = streamSettingsSchema.parse({
  window: { kind: 'session', idleMs: 1_000, maxLength: 32 },
});

/** A text of a letter for each digit, so that no mask takes it for a number. */
const lettersOf = (value: number): string =>
  value.toString().replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] as string);

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
  return Array.from(read.windows.windows(), ({ length }) => length);
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

  it('gives the same windows in the order of time, in whatever order partitions come', async () => {
    const steps = ['cart opened', 'item 17 added', 'item 4 added', 'cart paid', 'cart left'];
    const lines = Array.from({ length: 90 }, (_, index) => {
      const request = Math.floor(index / 3);
      const message = steps[(index * 7 + request) % steps.length] ?? '';
      const fields = { timestamp: start + index * 600, request_id: `r-${request}`, message };
      const value = new TextEncoder().encode(JSON.stringify(fields));
      return { value, receivedAtMs: start, source: 'logs', partition: (request * 5) % 3 };
    });
    const read = async (order: readonly number[]) => {
      const records = order.flatMap((wanted) =>
        lines.filter(({ partition }) => partition === wanted),
      );
      const { windows, vocabulary } = await readTrainingWindows(
        async function* () {
          yield* order.length === 0 ? lines : records;
        },
        settings,
        () => undefined,
      );
      return Array.from(windows.windows(), (tokens) =>
        Array.from(tokens, (token) => `${token} ${vocabulary.keyOf(token)}`),
      );
    };
    const expected = await read([]);
    expect(expected).toHaveLength(27);
    expect(await read([2, 0, 1])).toEqual(expected);
    expect(await read([1, 2, 0])).toEqual(expected);
  });

  it('leaves out the windows that the end of the source cut off', async () => {
    const together = inOrder.map(({ value, receivedAtMs }) => ({ value, receivedAtMs }));
    expect(await lengthsOf(together)).toEqual(Array(9).fill(3));
  });

  it('tells the service of a sliding window, and none of a session', async () => {
    const fieldsOf = (index: number): Record<string, unknown> => ({
      timestamp: start + index,
      service: index % 2 === 0 ? 'shop' : 'batch',
      message: 'a step',
      ...(index < 8 ? { request_id: `r-${Math.floor(index / 4)}` } : {}),
    });
    const { windows } = await readTrainingWindows(
      async function* () {
        for (let index = 0; index < 300; index++) {
          const value = new TextEncoder().encode(JSON.stringify(fieldsOf(index)));
          yield await Promise.resolve({ value, receivedAtMs: start + index });
        }
        const value = new TextEncoder().encode(JSON.stringify({ ...fieldsOf(0), timestamp: 1e13 }));
        yield await Promise.resolve({ value, receivedAtMs: 1e13 });
      },
      settings,
      () => undefined,
    );
    const services = Array.from({ length: windows.length }, (_, index) => [
      windows.kindOf(index),
      windows.serviceOf(index),
    ]);
    expect(services).toContainEqual(['session', undefined]);
    expect(services).toContainEqual(['sliding', 'shop']);
    expect(services).toContainEqual(['sliding', 'batch']);
    expect(services).not.toContainEqual(['session', 'shop']);
  });

  it.each(['drain', 'flexible'] as const)(
    'keeps no more templates than it may of lines that are all different, with the engine %s',
    async (engine) => {
      const { maxClusters, maxBytes } = BOUNDED_MEMORY;
      const encoder = new TextEncoder();
      const read = await readTrainingWindows(
        async function* () {
          for (let index = 0; index < maxClusters + 2_000; index++) {
            const words = Array.from({ length: 6 }, (_, place) => lettersOf(index * 6 + place));
            const message = index % 4 === 0 ? 'a usual step' : words.join(' ');
            const fields = { timestamp: start + index, request_id: `r-${index}`, message };
            yield await Promise.resolve({
              value: encoder.encode(JSON.stringify(fields)),
              receivedAtMs: start + index,
            });
            if (index % 3 !== 0) continue;
            const long = Array.from({ length: 40 }, (_, place) => lettersOf(index * 64 + place));
            yield { value: encoder.encode(long.join(' ')), receivedAtMs: start + index };
          }
        },
        streamSettingsSchema.parse({ ...settings, templates: { engine } }),
        () => undefined,
      );
      expect(read.templates.length).toBeLessThanOrEqual(maxClusters);
      expect(read.templates.length).toBeGreaterThan(maxClusters * 0.8);
      expect(read.miner.heldBytes).toBeLessThanOrEqual(maxBytes);
      expect(read.miner.match('a usual step')?.template).toBe('a usual step');
      expect(read.miner.grouping.state).toBe('grouping');
    },
    60_000,
  );
});
