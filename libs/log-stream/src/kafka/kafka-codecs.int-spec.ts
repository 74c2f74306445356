import { execFile, spawnSync } from 'node:child_process';
import { CompressionTypes, Partitioners, type Message } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Collector, textOf } from '../log-stream-contract';
import { KafkaLogStream } from './kafka-log-stream';
import { KafkaTestBed, testBrokers } from './kafka-test-bed';
import { readKafka } from './read-kafka';

const hasBroker = testBrokers.length > 0;
const hasKcat = !spawnSync('kcat', ['-V']).error;
const needs = hasBroker ? '' : ' (needs LOGBERT_TEST_KAFKA)';
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const BOMB_BYTES = 200_000_000;

if (hasBroker && !hasKcat) console.warn('Skipped what kcat compresses: it is not installed.');

describe.skipIf(!hasBroker)(`compressed batches on a broker${needs}`, () => {
  let bed: KafkaTestBed;
  let stream: KafkaLogStream;

  beforeEach(async () => {
    bed = await KafkaTestBed.open();
    stream = await KafkaLogStream.open(bed.config, { batchSize: 2_000 });
  });
  afterEach(async () => {
    await stream.close();
    await bed.dispose();
  });

  const produce = async (messages: Message[], compression = CompressionTypes.None) => {
    const producer = bed.client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: bed.logTopic, messages, compression });
    await producer.disconnect();
  };
  const kcat = (codec: string, lines: readonly string[]) =>
    new Promise<void>((resolve, reject) => {
      const place = ['-b', testBrokers.join(','), '-t', bed.logTopic, '-p', '0'];
      const options = ['-P', '-z', codec, '-X', 'linger.ms=50'];
      const child = execFile('kcat', [...options, ...place], (error) =>
        error ? reject(error) : resolve(),
      );
      child.stdin?.end(lines.join('\n'));
    });

  it.skipIf(!hasKcat)('are read whatever they were compressed by', async () => {
    const lines = CODECS.flatMap((codec) =>
      Array.from({ length: 3_000 }, (_, line) => `${codec} ${line} ${'abc'.repeat(line % 40)} ü🙂`),
    );
    for (const [place, codec] of CODECS.entries()) {
      await kcat(codec, lines.slice(place * 3_000, (place + 1) * 3_000));
    }
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    expect((await seen.until(lines.length)).map(textOf)).toEqual(lines);
  });

  it('are parked as a whole when they are bombs, and the stream moves on', async () => {
    await produce([{ partition: 0, value: 'before' }]);
    const bomb = { partition: 0, key: 'k', value: Buffer.alloc(BOMB_BYTES / 2, 'x') };
    await produce([bomb, bomb, { partition: 0, value: 'with it' }], CompressionTypes.GZIP);
    const seen = new Collector(async (batch) => {
      batch.release((batch.records.at(-1)?.offset ?? 0) + 1);
    });
    await stream.subscribe(seen.handler);
    await untilCommitted(4);
    await produce([{ partition: 0, value: 'after' }]);
    const records = await seen.until(2);
    expect(records.map(textOf)).toEqual(['before', 'after']);
    expect(records.map(({ offset }) => offset)).toEqual([0, 4]);
    await untilCommitted(5);

    const letters = await bed.contents(bed.config.deadLetterTopic);
    expect(letters.map(({ headers }) => headers)).toEqual([
      expect.objectContaining({
        'logbert-reason': expect.stringContaining('log-stream/unpack-too-large'),
        'logbert-origin-partition': '0',
        'logbert-origin-offset': '1',
      }),
    ]);

    const range = { stream: 'default', fromMs: 0, toMs: Date.now() + 60_000, limit: 10 };
    const read: string[] = [];
    for await (const record of readKafka(bed.config, range)) read.push(textOf(record));
    expect(read).toEqual(['before', 'after']);
  });

  async function untilCommitted(offset: number): Promise<void> {
    const deadline = Date.now() + 40_000;
    for (;;) {
      const lags = await stream.lag();
      if (lags.find(({ partition }) => partition === 0)?.committed === offset) return;
      if (Date.now() > deadline) throw new Error(`not committed: ${JSON.stringify(lags)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
