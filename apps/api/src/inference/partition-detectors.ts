import { isDeepStrictEqual } from 'node:util';
import type { DetectionConfig, StreamSettings } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import type { OpenGraph } from '@logbert/onnx-graph';
import {
  type Detected,
  type IncomingRecord,
  loadBundle,
  type LoadedBundle,
  StreamDetector,
} from '@logbert/pipeline';
import type {
  AcceptOrder,
  DetectorOrder,
  ModelOrder,
  PartitionFindings,
  PartitionName,
  StreamFindings,
} from './detector-protocol';
import { unpackRecords } from './packed-records';

interface PartitionState {
  name: PartitionName;
  nextOffset: number | null;
  readonly detectors: Map<string, OwnDetector>;
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
    private readonly now: () => number,
  ) {}

  async obey(order: DetectorOrder): Promise<readonly PartitionFindings[]> {
    switch (order.type) {
      case 'stream':
        this.settings.set(order.stream, order.settings);
        return [];
      case 'model':
        return this.useModel(order);
      case 'accept':
        return [await this.accept(order)];
      case 'close-idle':
        return this.closeIdle(order.partition);
    }
  }

  private async useModel({
    stream,
    modelId,
    files,
  }: ModelOrder): Promise<readonly PartitionFindings[]> {
    const bundle = await loadBundle(modelId, files, this.openGraph, this.detection);
    const previous = this.bundles.get(stream);
    this.bundles.set(stream, bundle);
    for (const { detectors } of this.partitions.values()) {
      detectors.get(stream)?.detector.use(bundle);
    }
    await previous?.close();
    return [];
  }

  private async accept(order: AcceptOrder): Promise<PartitionFindings> {
    const state = this.stateOf(order.partition);
    const streams: StreamFindings[] = [];
    for (const { stream, records } of order.groups) {
      streams.push(...(await this.acceptGroup(state, stream, unpackRecords(records))));
    }
    state.nextOffset = order.nextOffset;
    return { partition: state.name, streams, lowWatermark: lowWatermarkOf(state) };
  }

  /** What one stream cannot stomach is parked; the other streams of the batch have been taken in and stay so. */
  private async acceptGroup(
    state: PartitionState,
    stream: string,
    records: readonly IncomingRecord[],
  ): Promise<readonly StreamFindings[]> {
    try {
      const cut = await this.closeOutdated(state, stream);
      const detector = this.detectorOf(state, stream);
      const detected = await detector.accept(records, this.now());
      return [...cut, this.findingsOf(stream, detector, detected)];
    } catch (error) {
      const code = error instanceof Failure ? error.code : 'inference/detector';
      const message = error instanceof Error ? error.message : String(error);
      const failures = records.map(({ offset }) => ({ offset, code, message }));
      const openWindows = state.detectors.get(stream)?.detector.openWindows ?? 0;
      return [{ ...NOTHING_FOUND, stream, failures, openWindows }];
    }
  }

  /** Other settings cut windows otherwise: the open ones are judged as they stand, then new ones begun. */
  private async closeOutdated(
    state: PartitionState,
    stream: string,
  ): Promise<readonly StreamFindings[]> {
    const own = state.detectors.get(stream);
    if (!own || isDeepStrictEqual(own.settings, this.settings.get(stream))) return [];
    const detected = await own.detector.flush(this.now());
    state.detectors.delete(stream);
    return [this.findingsOf(stream, own.detector, detected)];
  }

  private async closeIdle(name: PartitionName): Promise<readonly PartitionFindings[]> {
    const state = this.partitions.get(keyOf(name));
    if (!state || state.name.epoch !== name.epoch) return [];
    const streams: StreamFindings[] = [];
    for (const [stream, { detector }] of state.detectors) {
      const detected = await detector.closeIdle(this.now());
      if (detected.windows > 0) streams.push(this.findingsOf(stream, detector, detected));
    }
    if (streams.length === 0) return [];
    return [{ partition: state.name, streams, lowWatermark: lowWatermarkOf(state) }];
  }

  private findingsOf(stream: string, detector: StreamDetector, detected: Detected): StreamFindings {
    const now = this.now();
    const { anomalies, templateCounts, novelTemplates, failures, lines, windows } = detected;
    return {
      stream,
      anomalies,
      templateCounts,
      novelTemplates,
      failures,
      lines,
      windows,
      openWindows: detector.openWindows,
      latenciesMs: detected.judged.map(({ lastReceivedAtMs }) => now - lastReceivedAtMs),
    };
  }

  private stateOf(name: PartitionName): PartitionState {
    const key = keyOf(name);
    const known = this.partitions.get(key);
    // After a change of owner the windows are rebuilt from the committed position.
    if (known && known.name.epoch === name.epoch) return known;
    const fresh: PartitionState = { name, nextOffset: null, detectors: new Map() };
    this.partitions.set(key, fresh);
    return fresh;
  }

  private detectorOf(state: PartitionState, stream: string): StreamDetector {
    const known = state.detectors.get(stream);
    if (known) return known.detector;
    const settings = this.settings.get(stream);
    if (!settings)
      throw new RangeError(`stream ${stream} was not described before its records came`);
    const detector = new StreamDetector({
      stream,
      partition: state.name.partition,
      settings,
      detection: this.detection,
      bundle: this.bundles.get(stream),
    });
    state.detectors.set(stream, { detector, settings });
    return detector;
  }
}

const NOTHING_FOUND: Omit<StreamFindings, 'stream'> = {
  anomalies: [],
  templateCounts: [],
  novelTemplates: [],
  failures: [],
  lines: 0,
  windows: 0,
  openWindows: 0,
  latenciesMs: [],
};

function keyOf({ source, partition }: PartitionName): string {
  return `${source}/${partition}`;
}

function lowWatermarkOf({ detectors, nextOffset }: PartitionState): number | null {
  const needed = [...detectors.values()].flatMap(({ detector }) => detector.lowWatermark() ?? []);
  if (nextOffset === null) return null;
  return Math.min(nextOffset, ...needed);
}
