import { isDeepStrictEqual } from 'node:util';
import type { DetectionConfig, StreamSettings } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import type { OpenGraph } from '@logbert/onnx-graph';
import {
  type Detected,
  loadBundle,
  type LoadedBundle,
  StreamDetector,
  type Turn,
} from '@logbert/pipeline';
import {
  type AcceptOrder,
  type DetectorAnswer,
  type DetectorOrder,
  type ModelOrder,
  NOTHING_FOUND,
  type PartitionFindings,
  type PartitionName,
  type PartitionSnapshot,
  type ResumeAnswer,
  type ResumeOrder,
  type StreamFindings,
} from './detector-protocol';
import { ListeningClock } from './listening-clock';
import { UnpackedRecords } from './packed-records';
import {
  type KeptDetector,
  KeptStateFailure,
  linesOfDetectors,
  readDetectors,
} from './partition-state';
import { settlementsOf } from './settlements-of';
import { packLines } from './state-lines';

/** A state that is larger, compressed, is not kept. */
const MAX_STATE_BYTES = 64 * 1_024 * 1_024;

export interface DetectorOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** As of a detector thread. */
  readonly sessionsByTime?: boolean | undefined;
  /** Threads that a model's network may use. */
  readonly threads?: number;
  /** That of the partition at work, where others share its thread; none is at work twice at once. */
  readonly turn?: Turn;
}

interface PartitionState {
  name: PartitionName;
  nextOffset: number | null;
  readonly detectors: Map<string, OwnDetector>;
  /** Up to where the lines of each stream had been counted before; those that come again are not counted again. */
  readonly counted: ReadonlyMap<string, number>;
  readonly clock: ListeningClock;
}

interface OwnDetector {
  readonly detector: StreamDetector;
  /** What its windows are cut by. */
  readonly settings: StreamSettings;
}

/** Every detector of one thread: a stream's model is loaded once and serves all its partitions here. */
export class PartitionDetectors {
  private readonly settings = new Map<string, StreamSettings>();
  private readonly bundles = new Map<string, LoadedBundle>();
  private readonly partitions = new Map<string, PartitionState>();

  constructor(
    private readonly detection: DetectionConfig,
    private readonly openGraph: OpenGraph,
    private readonly options: DetectorOptions,
  ) {}

  async obey(order: DetectorOrder): Promise<DetectorAnswer> {
    switch (order.type) {
      case 'stream':
        this.settings.set(order.stream, order.settings);
        return undefined;
      case 'model':
        return this.useModel(order);
      case 'accept':
        return this.accept(order);
      case 'close-idle':
        return this.closeIdle(order.partition);
      case 'resume':
        return this.resume(order);
      case 'snapshot':
        return this.snapshot(order.partition);
    }
  }

  private async useModel({ stream, modelId, files }: ModelOrder): Promise<undefined> {
    const bundle = await loadBundle(
      modelId,
      files,
      this.openGraph,
      this.detection,
      this.options.threads,
    );
    const previous = this.bundles.get(stream);
    this.bundles.set(stream, bundle);
    for (const { detectors } of this.partitions.values()) {
      detectors.get(stream)?.detector.use(bundle);
    }
    await previous?.close();
    return undefined;
  }

  /** A state that does not fit is left as if there were none. */
  private async resume({ partition, counted, kept }: ResumeOrder): Promise<ResumeAnswer> {
    const clock = new ListeningClock(this.options.now());
    const fresh = { name: partition, nextOffset: null, detectors: new Map(), counted, clock };
    this.partitions.set(keyOf(partition), fresh);
    if (!kept) return { refusal: undefined, judgedAnew: [] };
    try {
      const state = { ...fresh, nextOffset: kept.nextOffset, detectors: new Map() };
      const judgedAnew: string[] = [];
      for (const one of await readDetectors(kept.state)) {
        state.detectors.set(one.stream, this.resumedDetector(state, one));
        const modelId = one.state.judge?.modelId;
        if (modelId !== undefined && modelId !== this.bundles.get(one.stream)?.modelId) {
          judgedAnew.push(one.stream);
        }
      }
      this.partitions.set(keyOf(partition), state);
      return { refusal: undefined, judgedAnew };
    } catch (error) {
      return { refusal: error instanceof Error ? error.message : String(error), judgedAnew: [] };
    }
  }

  /** Goes on by the present settings; where those cut otherwise, by the former ones, until the windows are closed. */
  private resumedDetector(state: PartitionState, kept: KeptDetector): OwnDetector {
    const { stream } = kept;
    for (const settings of [this.settings.get(stream), kept.settings]) {
      if (!settings) continue;
      const own = this.buildDetector(state, stream, settings);
      if (own.detector.resume(kept.state, state.clock.heardMs)) return own;
    }
    throw new KeptStateFailure(`that of stream ${stream} is of another version`);
  }

  /** The state is taken before the first wait; later orders do not change it. */
  private async snapshot(name: PartitionName): Promise<PartitionSnapshot | undefined> {
    const state = this.partitions.get(keyOf(name));
    if (!state || state.name.epoch !== name.epoch || state.nextOffset === null) return undefined;
    const kept = [...state.detectors].map(([stream, { detector, settings }]) => ({
      stream,
      settings,
      state: detector.snapshot(),
    }));
    const { nextOffset } = state;
    const lowWatermark = lowWatermarkOf(state, nextOffset);
    return {
      nextOffset,
      lowWatermark,
      streams: kept.map(({ stream }) => stream),
      state: await packLines(linesOfDetectors(kept), MAX_STATE_BYTES),
    };
  }

  /** Records that were taken in before are passed over. */
  private async accept(order: AcceptOrder): Promise<PartitionFindings> {
    const state = this.stateOf(order.partition);
    const from = state.nextOffset ?? 0;
    state.clock.look(this.options.now());
    const streams: StreamFindings[] = [];
    for (const { stream, records } of order.groups) {
      const fresh = new UnpackedRecords(records, from);
      if (fresh.offsets.length === 0) continue;
      streams.push(...(await this.acceptGroup(state, stream, fresh)));
    }
    state.nextOffset = Math.max(from, order.nextOffset);
    state.clock.noteRead(order.nextOffset >= order.highWatermark);
    return { partition: state.name, streams };
  }

  /** What one stream cannot stomach is parked; the other streams of the batch have been taken in and stay so. */
  private async acceptGroup(
    state: PartitionState,
    stream: string,
    records: UnpackedRecords,
  ): Promise<readonly StreamFindings[]> {
    let cut: readonly StreamFindings[] = [];
    try {
      cut = await this.closeOutdated(state, stream);
      const detector = this.detectorOf(state, stream);
      const { now, turn } = this.options;
      const detected = await detector.accept(records, now(), state.clock.heardMs, turn);
      const found = this.findingsOf(stream, detector, detected);
      return [...cut, { ...found, counted: countedOf(state, stream, records.offsets) }];
    } catch (error) {
      const code = error instanceof Failure ? error.code : 'inference/detector';
      const message = error instanceof Error ? error.message : String(error);
      const failures = Array.from(records.offsets, (offset) => ({ offset, code, message }));
      const { openWindows, grouping, unlikeTrainingShare } =
        state.detectors.get(stream)?.detector ?? NOTHING_FOUND;
      const asBefore = { openWindows, grouping, unlikeTrainingShare };
      return [...cut, { ...NOTHING_FOUND, stream, failures, ...asBefore }];
    }
  }

  /**
   * Where other settings cut windows otherwise, the open ones are judged as they stand, then new ones begun; where they do not,
   * the detector goes on by them.
   */
  private async closeOutdated(
    state: PartitionState,
    stream: string,
  ): Promise<readonly StreamFindings[]> {
    const own = state.detectors.get(stream);
    const settings = this.settings.get(stream);
    if (!own || !settings || isDeepStrictEqual(own.settings, settings)) return [];
    const next = this.buildDetector(state, stream, settings);
    if (next.detector.resume(own.detector.snapshot(), state.clock.heardMs)) {
      state.detectors.set(stream, next);
      return [];
    }
    const detected = await own.detector.flush(this.options.now());
    state.detectors.delete(stream);
    return [this.findingsOf(stream, own.detector, detected)];
  }

  private async closeIdle(name: PartitionName): Promise<PartitionFindings | undefined> {
    const state = this.partitions.get(keyOf(name));
    if (!state || state.name.epoch !== name.epoch) return undefined;
    const { clock } = state;
    clock.look(this.options.now());
    const streams: StreamFindings[] = [];
    for (const [stream, { detector }] of state.detectors) {
      const detected = await detector.closeIdle(this.options.now(), clock.heardMs);
      if (detected.windows + detected.settled.length > 0)
        streams.push(this.findingsOf(stream, detector, detected));
    }
    return streams.length === 0 ? undefined : { partition: state.name, streams };
  }

  private findingsOf(stream: string, detector: StreamDetector, detected: Detected): StreamFindings {
    const now = this.options.now();
    const { anomalies, templateCounts, novelTemplates, failures, lines, windows, unscored } =
      detected;
    return {
      stream,
      anomalies,
      settlements: settlementsOf(detected.settled, now),
      templateCounts,
      counted: undefined,
      novelTemplates,
      failures,
      lines,
      windows,
      unscored,
      openWindows: detector.openWindows,
      untrainedWindows: detector.untrainedWindows,
      unlikeTrainingShare: detector.unlikeTrainingShare,
      grouping: detector.grouping,
      latenciesMs: detected.judged.map(({ lastReceivedAtMs }) => now - lastReceivedAtMs),
    };
  }

  private stateOf(name: PartitionName): PartitionState {
    const key = keyOf(name);
    const known = this.partitions.get(key);
    // After a change of owner the windows are rebuilt from the committed position.
    if (known && known.name.epoch === name.epoch) return known;
    const clock = new ListeningClock(this.options.now());
    const fresh = { name, nextOffset: null, detectors: new Map(), counted: new Map(), clock };
    this.partitions.set(key, fresh);
    return fresh;
  }

  private detectorOf(state: PartitionState, stream: string): StreamDetector {
    const known = state.detectors.get(stream);
    if (known) return known.detector;
    const settings = this.settings.get(stream);
    if (!settings)
      throw new RangeError(`stream ${stream} was not described before its records came`);
    const own = this.buildDetector(state, stream, settings);
    state.detectors.set(stream, own);
    return own.detector;
  }

  private buildDetector(
    { name, counted }: PartitionState,
    stream: string,
    settings: StreamSettings,
  ): OwnDetector {
    const detector = new StreamDetector({
      stream,
      partition: name.partition,
      settings,
      detection: this.detection,
      sessionsByTime: this.options.sessionsByTime ?? false,
      bundle: this.bundles.get(stream),
      countFrom: counted.get(stream),
    });
    return { detector, settings };
  }
}

/** Names the partition, whoever owns it. */
export function keyOf({ source, partition }: PartitionName): string {
  return `${source}/${partition}`;
}

function lowWatermarkOf({ detectors }: PartitionState, nextOffset: number): number {
  const needed = [...detectors.values()].flatMap(({ detector }) => detector.lowWatermark() ?? []);
  return Math.min(nextOffset, ...needed);
}

/** Of the records, those that count; none when all of them had been counted before. */
function countedOf(
  { counted }: PartitionState,
  stream: string,
  offsets: Float64Array,
): StreamFindings['counted'] {
  const first = offsets[0] ?? 0;
  const fromOffset = Math.max(first, counted.get(stream) ?? first);
  const nextOffset = (offsets.at(-1) ?? first) + 1;
  return fromOffset < nextOffset ? { fromOffset, nextOffset } : undefined;
}
