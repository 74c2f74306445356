import { EVENT_ID_HEADER } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTER_HEADERS } from './dead-letter';
import type { LogStream, OffsetSpan, OutgoingTopic, RawRecord, RecordBatch } from './log-stream';

/** How the suite opens one kind of log stream and looks behind it. */
export interface LogStreamHarness {
  /** Opens the stream again over what the last one left, or for the first time. */
  open(options: { batchSize: number }): Promise<LogStream>;
  published(topic: OutgoingTopic): Promise<readonly string[]>;
  /** Where messages have headers. */
  publishedHeaders?(topic: OutgoingTopic): Promise<readonly Readonly<Record<string, string>>[]>;
  deadLetters(): Promise<
    readonly { readonly headers: Readonly<Record<string, string>>; readonly value: string }[]
  >;
  /** Where lines come without headers. */
  readonly hasHeaders?: false;
  /** Where lines are received as they are delivered, and nothing is known of them before. */
  readonly isReceivedByDelivery?: true;
  /** Removes everything. */
  dispose(): Promise<void>;
}

class BusyFailure extends Failure {
  readonly code = 'test/busy';
  readonly retriable = true;
}

class PoisonFailure extends Failure {
  readonly code = 'test/poison';
  readonly retriable = false;
}

const WITHIN_MS = 40_000;

/** What every log stream promises, whatever carries it. */
export function describeLogStream(
  name: string,
  buildHarness: () => Promise<LogStreamHarness>,
): void {
  describe(name, () => {
    let harness: LogStreamHarness;
    let stream: LogStream;

    beforeEach(async () => {
      harness = await buildHarness();
      stream = await harness.open({ batchSize: 100 });
    });

    afterEach(async () => {
      await stream.close();
      await harness.dispose();
    });

    const headers = () => (harness.hasHeaders === false ? {} : { traceparent: '00-1' });
    const append = (name: string, ...lines: string[]) =>
      stream.append(
        name,
        lines.map((line) => Buffer.from(line)),
        headers(),
      );

    it('delivers lines in order with their place, stream and headers', async () => {
      await append('shop', 'one', 'two');
      await append('shop', 'three');
      const seen = new Collector();
      await stream.subscribe(seen.handler);
      await append('shop', 'four');

      const records = await seen.until(4);
      expect(records.map(textOf)).toEqual(['one', 'two', 'three', 'four']);
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
      const first = records[0];
      expect(first).toMatchObject({ stream: 'shop', headers: headers() });
      expect(records.map(({ offset }) => offset - (first?.offset ?? 0))).toEqual([0, 1, 2, 3]);
      expect(Math.abs(Date.now() - (first?.receivedAtMs ?? 0))).toBeLessThan(WITHIN_MS);
    });

    it('keeps all lines of a stream in one partition, and streams apart', async () => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const line of ['1', '2', '3']) {
        await Promise.all(names.map((name) => append(name, `${name}${line}`)));
      }
      const seen = new Collector();
      await stream.subscribe(seen.handler);
      const records = await seen.until(15);
      for (const name of names) {
        const own = records.filter((record) => record.stream === name);
        expect(own.map(textOf)).toEqual([`${name}1`, `${name}2`, `${name}3`]);
        expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      }
    });

    it('has one batch at work a partition and none above the batch size', async () => {
      const lines = Array.from({ length: 1_000 }, (_, line) => `line ${line}`);
      await append('shop', ...lines);
      let atWork = 0;
      let most = 0;
      const seen = new Collector(async (batch) => {
        most = Math.max(most, ++atWork);
        expect(batch.records.length).toBeLessThanOrEqual(100);
        await new Promise((resolve) => setImmediate(resolve));
        atWork--;
      });
      await stream.subscribe(seen.handler);
      expect((await seen.until(1_000)).map(textOf)).toEqual(lines);
      expect(most).toBe(1);
    });

    it('starts again after what was released, and only there', async () => {
      await append('shop', 'one', 'two', 'three');
      const before = new Collector();
      await stream.subscribe(before.handler);
      const [, second] = await before.until(3);
      before.lastBatch().release((second as RawRecord).offset);
      await stream.close();

      stream = await harness.open({ batchSize: 100 });
      const after = new Collector();
      await stream.subscribe(after.handler);
      expect((await after.until(2)).map(textOf)).toEqual(['two', 'three']);
      await append('shop', 'four');
      expect((await after.until(3)).map(textOf)).toEqual(['two', 'three', 'four']);
    });

    it('goes back to an offset on request, in another epoch', async () => {
      await append('shop', 'one', 'two', 'three');
      const before = new Collector();
      await stream.subscribe(before.handler);
      const [first, , third] = await before.until(3);
      before.lastBatch().release((third as RawRecord).offset);
      const { identity } = stream;
      await stream.close();

      stream = await harness.open({ batchSize: 100 });
      expect(stream.identity).toBe(identity);
      const epochs: number[] = [];
      let isFirst = true;
      const after = new Collector(async (batch) => {
        epochs.push(batch.epoch);
        if (!isFirst) return;
        isFirst = false;
        batch.goBackTo((first as RawRecord).offset);
        expect(batch.signal.aborted).toBe(true);
      });
      await stream.subscribe(after.handler);
      expect((await after.until(4)).map(textOf)).toEqual(['three', 'one', 'two', 'three']);
      expect(new Set(epochs).size).toBe(2);
      await append('shop', 'four');
      const records = await after.until(5);
      expect(records.map(textOf).at(-1)).toBe('four');
      const total = async () => (await stream.lag()).reduce((sum, { lag }) => sum + lag, 0);
      after.lastBatch().release((records.at(-1) as RawRecord).offset + 1);
      await until(async () => (await total()) === 0);
    });

    it('goes back to an offset on request also when all was dealt with and nothing more comes', async () => {
      await append('shop', 'one', 'two');
      const epochs: number[] = [];
      const seen = new Collector((batch) => {
        epochs.push(batch.epoch);
        return Promise.resolve();
      });
      await stream.subscribe(seen.handler);
      const [, second] = await seen.until(2);
      await until(() => Promise.resolve(stream.isHearing()));
      seen.lastBatch().goBackTo((second as RawRecord).offset);
      expect((await seen.until(3)).map(textOf)).toEqual(['one', 'two', 'two']);
      expect(epochs.at(-1)).not.toBe(epochs[0]);
    });

    it('delivers a batch again after a retriable failure, in its order', async () => {
      await append('shop', 'one', 'two');
      let failures = 2;
      const seen = new Collector(async () => {
        if (failures-- > 0) throw new BusyFailure('database away');
      });
      await stream.subscribe(seen.handler);
      await append('shop', 'three');
      expect((await seen.until(3)).map(textOf)).toEqual(['one', 'two', 'three']);
      expect(await harness.deadLetters()).toEqual([]);
    });

    it('parks a record that fails alone and moves on', async () => {
      await append('shop', 'one', 'poison', 'three');
      const seen = new Collector(async (batch) => {
        if (batch.records.some((record) => textOf(record) === 'poison')) {
          throw new PoisonFailure('unreadable');
        }
      });
      await stream.subscribe(seen.handler);
      await append('shop', 'four');
      expect((await seen.until(3)).map(textOf)).toEqual(['one', 'three', 'four']);
      const [letter, ...others] = await harness.deadLetters();
      expect(others).toEqual([]);
      expect(letter?.value).toBe('poison');
      expect(letter?.headers).toMatchObject({
        ...headers(),
        'logbert-reason': 'test/poison: unreadable',
        'logbert-origin-offset': expect.stringMatching(/^\d+$/),
        'logbert-origin-partition': expect.stringMatching(/^\d+$/),
        'logbert-origin-topic': expect.any(String),
      });
    });

    it('reads dead letters by their places and replays one where it came from', async () => {
      await append('shop', 'one', 'poison', 'poison');
      let isCured = false;
      const seen = new Collector(async (batch) => {
        if (!isCured && batch.records.some((record) => textOf(record) === 'poison')) {
          throw new PoisonFailure('unreadable');
        }
      });
      expect(await stream.deadLetterSpans()).toEqual([]);
      await stream.subscribe(seen.handler);
      await append('shop', 'two');
      await seen.until(2);

      const spans = await stream.deadLetterSpans();
      expect(spans.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(2);
      const read = async (of: readonly OffsetSpan[]) => {
        const letters: RawRecord[] = [];
        for await (const letter of stream.readDeadLetters(of)) letters.push(letter);
        return letters;
      };
      const letters = await read(spans);
      expect(letters.map(textOf)).toEqual(['poison', 'poison']);
      const last = letters.at(-1) as RawRecord;
      const { partition, offset } = last;
      expect(await read([{ partition, start: offset, end: offset + 1 }])).toEqual([last]);
      expect(await read([])).toEqual([]);

      isCured = true;
      await stream.replay(last);
      const cured = (await seen.until(3)).at(-1) as RawRecord;
      expect(textOf(cured)).toBe('poison');
      expect(cured).toMatchObject({ stream: 'shop', headers: headers() });
      expect(cured.headers[DEAD_LETTER_HEADERS.reason]).toBeUndefined();
      expect(cured.headers[DEAD_LETTER_HEADERS.replayedFrom]).toMatch(/@\d+$/);
    });

    it('tells how far behind it is', async () => {
      await append('shop', 'one', 'two', 'three');
      const total = async () => (await stream.lag()).reduce((sum, { lag }) => sum + lag, 0);
      if (!harness.isReceivedByDelivery) expect(await total()).toBe(3);
      const seen = new Collector();
      await stream.subscribe(seen.handler);
      const last = (await seen.until(3)).at(-1) as RawRecord;
      expect(await total()).toBe(3);
      seen.lastBatch().release(last.offset + 1);
      await until(async () => (await total()) === 0);
      expect(stream.isProgressing()).toBe(true);
      await until(async () => stream.isHearing());
    });

    it('publishes what was found', async () => {
      await stream.publish('anomalies', [
        { key: 'shop', value: '{"id":"1"}' },
        { key: 'shop', value: '{"id":"2"}' },
      ]);
      await stream.publish('incidents', [{ key: 'shop', value: '{"id":"3"}' }]);
      expect(await harness.published('anomalies')).toEqual(['{"id":"1"}', '{"id":"2"}']);
      expect(await harness.published('incidents')).toEqual(['{"id":"3"}']);
    });

    it('publishes headers along', async () => {
      await stream.publish('anomalies', [
        { key: 'shop', value: '{"eventId":7}', headers: { [EVENT_ID_HEADER]: '7' } },
      ]);
      const headers = await harness.publishedHeaders?.('anomalies');
      if (headers) expect(headers).toMatchObject([{ [EVENT_ID_HEADER]: '7' }]);
    });

    it('reads what a stream received between two times', async () => {
      const seen = new Collector();
      if (harness.isReceivedByDelivery) await stream.subscribe(seen.handler);
      const received = async (count: number) => {
        if (harness.isReceivedByDelivery) await seen.until(count);
        await pause();
      };
      await append('shop', 'early');
      await received(1);
      const fromMs = Date.now();
      await append('shop', 'one', 'two');
      await append('other', 'not this');
      await append('shop', 'three');
      await received(5);
      const toMs = Date.now();
      await pause();
      await append('shop', 'late');
      await received(6);

      const read = async (limit: number) => {
        const lines: string[] = [];
        const range = { stream: 'shop', fromMs, toMs, limit };
        for await (const record of stream.read(range)) lines.push(textOf(record));
        return lines;
      };
      expect(await read(10)).toEqual(['one', 'two', 'three']);
      expect(await read(2)).toEqual(['one', 'two']);
    });

    it('lets the batch at work finish when it closes, and tells it', async () => {
      await append('shop', 'one');
      let isDone = false;
      let wasTold = false;
      const started = new Promise<void>((resolve) => {
        void stream.subscribe(async (batch) => {
          resolve();
          await new Promise<void>((told) =>
            batch.signal.addEventListener('abort', () => told(), { once: true }),
          );
          wasTold = true;
          await pause();
          isDone = true;
        });
      });
      await started;
      await stream.close();
      expect({ wasTold, isDone }).toEqual({ wasTold: true, isDone: true });
    });

    it('refuses a name that cannot be a stream', async () => {
      await expect(append('No Stream', 'x')).rejects.toMatchObject({
        code: 'log-stream/stream-name',
      });
    });
  });
}

/** Keeps what was delivered with success, and releases nothing by itself. */
export class Collector {
  private readonly batches: RecordBatch[] = [];
  private wake: () => void = () => undefined;

  constructor(
    private readonly work: (batch: RecordBatch) => Promise<void> = async () => undefined,
  ) {}

  readonly handler = async (batch: RecordBatch): Promise<void> => {
    await this.work(batch);
    this.batches.push(batch);
    this.wake();
  };

  async until(count: number): Promise<readonly RawRecord[]> {
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const records = this.batches.flatMap((batch) => batch.records);
      if (records.length >= count) return records;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${records.length} of ${count} records came in time`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  lastBatch(): RecordBatch {
    const last = this.batches.at(-1);
    if (last === undefined) throw new Error('nothing was delivered');
    return last;
  }
}

export function textOf(record: { readonly value: Uint8Array }): string {
  return Buffer.from(record.value).toString();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Lets the clock, which counts milliseconds, go on. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
