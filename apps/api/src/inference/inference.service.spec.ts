import type { RecordBatch } from '@logbert/log-stream';
import { Failure } from '@logbert/failure';
import { describe, expect, it } from 'vitest';
import type { Findings } from '../incidents/incident-recorder';
import { Checkpoints } from './checkpoints';
import { FindingsWriter } from './findings-writer';
import { ThreadLosses } from './thread-losses';
import { InferenceService } from './inference.service';
import type { PartitionFindings, StreamFindings } from './detector-protocol';

class DatabaseAway extends Failure {
  readonly code = 'test/away';
  readonly retriable = true;
}

type CheckpointParts = ConstructorParameters<typeof Checkpoints>;
type Parts = ConstructorParameters<typeof InferenceService>;

/** The service between a detector that found something and a recorder that answers as told. */
function serviceWith(record: (found: Findings) => Promise<void>, found: PartitionFindings) {
  const parked: [number, string][] = [];
  const logStream = {
    park: (one: { offset: number }, reason: string) => {
      parked.push([one.offset, reason]);
      return Promise.resolve();
    },
  };
  const detectors = {
    accept: () => Promise.resolve(found),
    resume: () => Promise.resolve({ refusal: undefined, judgedAnew: [] }),
    close: () => Promise.resolve(),
    snapshot: () =>
      Promise.resolve({ nextOffset: 5, lowWatermark: 5, streams: [], state: new Uint8Array(0) }),
  };
  const counted: string[] = [];
  const figures = {
    note: () => undefined,
    notePark: (code: string) => counted.push(code),
    beginBatch: () => undefined,
    noteBatch: () => undefined,
  };
  const saved: number[] = [];
  const detectorStates = {
    find: () => Promise.resolve(undefined),
    save: ({ nextOffset }: { nextOffset: number }) => Promise.resolve(saved.push(nextOffset)),
  };
  const templateCounts = { positions: () => Promise.resolve(new Map()) };
  const partitionOwners = { takeOver: () => Promise.resolve() };
  const database = { repositories: { detectorStates, templateCounts, partitionOwners } };
  const config = { checkpointMs: 0 };
  const checkpointParts: unknown[] = [database, logStream, config, detectors, new ThreadLosses()];
  const checkpoints = Reflect.construct(Checkpoints, checkpointParts as CheckpointParts);
  const ended: string[] = [];
  const writer = new FindingsWriter({
    ...{ recorder: { record }, logStream, figures, firstRetryMs: 1 },
    endProgram: ({ message }) => void ended.push(message),
  });
  const parts: unknown[] = [logStream, detectors, checkpoints, writer, figures];
  const service = Reflect.construct(InferenceService, parts as Parts);
  return { service, parked, saved, counted, ended };
}

/** Only its id and stream are looked at. */
const anomaly = (id: string) =>
  ({ id, stream: 'shop', windowKey: 'w', detectedAt: 1 }) as StreamFindings['anomalies'][number];

const count = { stream: 'shop' } as StreamFindings['templateCounts'][number];

const findings = (overrides: Partial<StreamFindings> = {}): PartitionFindings => ({
  partition: { source: 'logs', partition: 0, epoch: 1 },
  streams: [
    {
      stream: 'shop',
      anomalies: [],
      settlements: [],
      templateCounts: [],
      counted: undefined,
      novelTemplates: [],
      failures: [],
      lines: 3,
      windows: 0,
      openWindows: 0,
      unscored: new Map(),
      untrainedWindows: undefined,
      unlikeTrainingShare: undefined,
      grouping: { state: 'grouping' },
      latenciesMs: [],
      ...overrides,
    },
  ],
});

function batchOf(
  released: number[],
  {
    wentBackTo = [],
    signal = new AbortController().signal,
  }: { readonly wentBackTo?: number[]; readonly signal?: AbortSignal } = {},
): RecordBatch {
  const record = (offset: number) => ({
    stream: 'shop',
    source: 'logs',
    partition: 0,
    offset,
    key: undefined,
    headers: {},
    value: new Uint8Array(0),
    receivedAtMs: 0,
  });
  return {
    source: 'logs',
    partition: 0,
    epoch: 1,
    records: [record(3), record(4)],
    firstOffset: 3,
    nextOffset: 5,
    highWatermark: 5,
    signal,
    release: (nextOffset) => released.push(nextOffset),
    goBackTo: (offset) => wentBackTo.push(offset),
  };
}

describe('InferenceService', () => {
  it('lets go of positions only after what was found is written, however often it takes', async () => {
    const released: number[] = [];
    let tries = 0;
    const { service } = serviceWith(() => {
      expect(released).toEqual([]);
      return ++tries < 3 ? Promise.reject(new DatabaseAway('away')) : Promise.resolve();
    }, findings());
    await service.accept(batchOf(released));
    await service.beforeApplicationShutdown();
    expect([tries, released]).toEqual([3, [5]]);
  });

  it('has a batch looked into while what was found in the one before is written', async () => {
    const written: (() => void)[] = [];
    const { service } = serviceWith(
      () => new Promise((resolve) => written.push(resolve)),
      findings({ anomalies: [anomaly('a')] }),
    );
    const course: string[] = [];
    await service.accept(batchOf([]));
    const second = service.accept(batchOf([])).then(() => course.push('second'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([written.length, course]).toEqual([1, []]);
    written[0]?.();
    await second;
    await new Promise((resolve) => setTimeout(resolve, 0));
    written[1]?.();
    await service.beforeApplicationShutdown();
    expect([written.length, course]).toEqual([2, ['second']]);
  });

  it('tries again after an error that nobody foresaw', async () => {
    let tries = 0;
    const { service, saved, ended } = serviceWith(
      () => (++tries < 4 ? Promise.reject(new TypeError('a bug')) : Promise.resolve()),
      findings({ anomalies: [anomaly('a')] }),
    );
    await service.accept(batchOf([]));
    await service.beforeApplicationShutdown();
    expect([tries, saved, ended]).toEqual([4, [5], []]);
  });

  it('parks the anomaly that alone cannot be written, and writes the counts and the others', async () => {
    const written: unknown[] = [];
    const { service, parked, saved, ended } = serviceWith(
      ({ anomalies, templateCounts }) => {
        if (anomalies.some(({ id }) => id === 'b')) return Promise.reject(new TypeError('a bug'));
        written.push([anomalies.map(({ id }) => id), templateCounts.length]);
        return Promise.resolve();
      },
      findings({
        anomalies: ['a', 'b', 'c'].map(anomaly),
        templateCounts: [count],
      }),
    );
    await service.accept(batchOf([]));
    await service.beforeApplicationShutdown();
    const apart = [
      [[], 1],
      [['a'], 0],
      [['c'], 0],
    ];
    expect([written, saved, ended]).toEqual([apart, [5], []]);
    expect(parked).toEqual([[0, 'inference/unwritten: anomaly b cannot be written (TypeError)']]);
  });

  it('writes final verdicts after the anomalies that they speak of, also when one of those is parked', async () => {
    const settlement = { anomalyId: 'a' } as StreamFindings['settlements'][number];
    const written: unknown[] = [];
    const { service, saved, ended } = serviceWith(
      ({ anomalies, settlements = [] }) => {
        if (anomalies.some(({ id }) => id === 'b')) return Promise.reject(new TypeError('a bug'));
        written.push([anomalies.map(({ id }) => id), settlements.length]);
        return Promise.resolve();
      },
      findings({ anomalies: ['a', 'b'].map(anomaly), settlements: [settlement] }),
    );
    await service.accept(batchOf([]));
    await service.beforeApplicationShutdown();
    const apart = [
      [['a'], 0],
      [[], 1],
    ];
    expect([written, saved, ended]).toEqual([apart, [5], []]);
  });

  it('ends the program when nothing goes in, with no position let go of', async () => {
    const released: number[] = [];
    const { service, parked, saved, ended } = serviceWith(
      () => Promise.reject(new Error('permission denied')),
      findings({ anomalies: [anomaly('a')] }),
    );
    const wentBackTo: number[] = [];
    await service.accept(batchOf(released, { wentBackTo }));
    // Whatever follows is told; should the batch come again before the end, its lines are read anew from the checkpoint.
    await expect(service.accept(batchOf(released, { wentBackTo }))).rejects.toThrow(
      'permission denied',
    );
    await service.accept(batchOf(released));
    await service.beforeApplicationShutdown();
    expect([released, saved, parked, ended.length]).toEqual([[], [], [], 2]);
    expect(wentBackTo).toEqual([3]);
  });

  it('writes nothing for a partition that is somebody else’s by now', async () => {
    const released: number[] = [];
    let writes = 0;
    const { service, saved } = serviceWith(() => {
      writes++;
      return Promise.resolve();
    }, findings());
    await service.accept(batchOf(released, { signal: AbortSignal.abort() }));
    await service.beforeApplicationShutdown();
    expect([writes, released, saved]).toEqual([0, [], []]);
  });

  it('parks the records that can never become lines, with the reason', async () => {
    const failures = [{ offset: 4, code: 'log-records/json', message: 'not JSON' }];
    const { service, parked, counted } = serviceWith(
      () => Promise.resolve(),
      findings({ failures: [...failures, { offset: 3, code: 'x', message: 'y'.repeat(1_000) }] }),
    );
    await service.accept(batchOf([]));
    await service.beforeApplicationShutdown();
    expect(parked).toEqual([
      [3, `x: ${'y'.repeat(197)}`],
      [4, 'log-records/json: not JSON'],
    ]);
    expect(counted).toEqual(['x', 'log-records/json']);
  });
});
