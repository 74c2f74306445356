import type {
  Anomaly,
  BundleFile,
  DetectionConfig,
  StreamSettings,
  TemplateCount,
} from '@logbert/contracts';
import type { NovelTemplate, PoisonRecord } from '@logbert/pipeline';
import type { PackedRecords } from './packed-records';

/** What a detector thread is told about a stream before it sees a line of it, and again when it changes. */
export interface StreamOrder {
  readonly type: 'stream';
  readonly stream: string;
  readonly settings: StreamSettings;
}

/** A model to judge a stream by from now on. */
export interface ModelOrder {
  readonly type: 'model';
  readonly stream: string;
  readonly modelId: string;
  readonly files: Readonly<Record<BundleFile, Uint8Array>>;
}

/** Records of one partition, grouped by stream, each group in the order of its offsets. */
export interface AcceptOrder {
  readonly type: 'accept';
  readonly partition: PartitionName;
  readonly groups: readonly { readonly stream: string; readonly records: PackedRecords }[];
  /** One past the last offset of the batch. */
  readonly nextOffset: number;
}

/** Close the windows of a partition that have been silent for too long. */
export interface CloseIdleOrder {
  readonly type: 'close-idle';
  readonly partition: PartitionName;
}

/** A partition as one owner sees it; another epoch means that somebody else had it in between. */
export interface PartitionName {
  readonly source: string;
  readonly partition: number;
  readonly epoch: number;
}

export type DetectorOrder = StreamOrder | ModelOrder | AcceptOrder | CloseIdleOrder;

/** What one stream of one partition came to. */
export interface StreamFindings {
  readonly stream: string;
  readonly anomalies: readonly Anomaly[];
  readonly templateCounts: readonly TemplateCount[];
  readonly novelTemplates: readonly NovelTemplate[];
  readonly failures: readonly PoisonRecord[];
  readonly lines: number;
  readonly windows: number;
  readonly openWindows: number;
  /** For each judged window, the time from its last line's arrival to the verdict. */
  readonly latenciesMs: readonly number[];
}

/** What a partition came to, and from where it may be forgotten. */
export interface PartitionFindings {
  readonly partition: PartitionName;
  readonly streams: readonly StreamFindings[];
  /** Every record below this offset is done with; null when the partition has not been read yet. */
  readonly lowWatermark: number | null;
}

export interface DetectorRequest {
  readonly id: number;
  readonly order: DetectorOrder;
}

export type DetectorReply =
  | { readonly id: number; readonly ok: true; readonly findings: readonly PartitionFindings[] }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string };

export interface DetectorThreadSettings {
  readonly detection: DetectionConfig;
}
