import type {
  Anomaly,
  BundleFile,
  DetectionConfig,
  StreamSettings,
  TemplateCount,
} from '@logbert/contracts';
import type { Settlement } from '@logbert/database';
import type { NovelTemplate, PoisonRecord } from '@logbert/pipeline';
import type { GroupingStatus } from '@logbert/template-mining';
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
  /** One past the last offset of the batch, marks of transactions among them. */
  readonly nextOffset: number;
  /** One past the newest offset of the partition, as far as it is known. */
  readonly highWatermark: number;
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

/** Begin a partition, where nothing is known of it or where its state was kept; before its first records. */
export interface ResumeOrder {
  readonly type: 'resume';
  readonly partition: PartitionName;
  /** Up to where the lines of each stream are in the counts of templates. */
  readonly counted: ReadonlyMap<string, number>;
  readonly kept: { readonly nextOffset: number; readonly state: Uint8Array } | undefined;
}

/** Tell all that is known of a partition. */
export interface SnapshotOrder {
  readonly type: 'snapshot';
  readonly partition: PartitionName;
}

export type DetectorOrder =
  StreamOrder | ModelOrder | AcceptOrder | CloseIdleOrder | ResumeOrder | SnapshotOrder;

interface AnswerByOrder {
  readonly stream: undefined;
  readonly model: undefined;
  readonly accept: PartitionFindings;
  /** Undefined when no window was closed. */
  readonly 'close-idle': PartitionFindings | undefined;
  readonly resume: ResumeAnswer;
  /** Undefined when the partition is another owner's or was not read yet. */
  readonly snapshot: PartitionSnapshot | undefined;
}

export type AnswerTo<Order extends DetectorOrder> = AnswerByOrder[Order['type']];
export type DetectorAnswer = AnswerTo<DetectorOrder>;

export interface ResumeAnswer {
  /** Why the kept state was not taken over; nothing is known of the partition then. */
  readonly refusal: string | undefined;
  /** Streams of which another model judges now than then: what was learnt of recent windows begins anew. */
  readonly judgedAnew: readonly string[];
}

/** All that is known of a partition when every record below an offset has been taken in. */
export interface PartitionSnapshot {
  readonly nextOffset: number;
  /** The oldest record that an open window has. */
  readonly lowWatermark: number;
  readonly streams: readonly string[];
  /** Null when there is too much to keep. */
  readonly state: Uint8Array<ArrayBuffer> | null;
}

/** What one stream of one partition came to. */
export interface StreamFindings {
  readonly stream: string;
  readonly anomalies: readonly Anomaly[];
  /** Final verdicts on anomalies of this batch or earlier ones, in the order in which they became final. */
  readonly settlements: readonly Settlement[];
  readonly templateCounts: readonly TemplateCount[];
  /** The offsets of the lines that the counts are of, end exclusive. */
  readonly counted: { readonly fromOffset: number; readonly nextOffset: number } | undefined;
  readonly novelTemplates: readonly NovelTemplate[];
  readonly failures: readonly PoisonRecord[];
  readonly lines: number;
  readonly windows: number;
  readonly openWindows: number;
  /** Windows judged without the model although there is one, by the code of what it failed with. */
  readonly unscored: ReadonlyMap<string, number>;
  /** Windows seen before there is a model. */
  readonly untrainedWindows: number | undefined;
  /** Share of the last windows that are unlike those of the training, in [0, 1]; undefined before there are enough. */
  readonly unlikeTrainingShare: number | undefined;
  /** Whether novel lines can be grouped. */
  readonly grouping: GroupingStatus;
  /** For each judged window, the time from its last line's arrival to the verdict. */
  readonly latenciesMs: readonly number[];
}

export const NOTHING_FOUND: Omit<StreamFindings, 'stream'> = {
  anomalies: [],
  settlements: [],
  templateCounts: [],
  counted: undefined,
  novelTemplates: [],
  failures: [],
  lines: 0,
  windows: 0,
  openWindows: 0,
  unscored: new Map(),
  untrainedWindows: undefined,
  unlikeTrainingShare: undefined,
  grouping: { state: 'grouping' },
  latenciesMs: [],
};

/** What a partition came to. */
export interface PartitionFindings {
  readonly partition: PartitionName;
  readonly streams: readonly StreamFindings[];
}

export interface DetectorRequest {
  readonly id: number;
  readonly order: DetectorOrder;
}

export type DetectorReply =
  | { readonly id: number; readonly ok: true; readonly answer: DetectorAnswer }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string };

/** What a thread says when an order has not come to its end, and others have their turn. */
export const AT_WORK = 'at-work';

export interface DetectorThreadSettings {
  readonly detection: DetectionConfig;
  /** Whether lines were keyed anew, and a session's come in no order. */
  readonly sessionsByTime?: boolean | undefined;
}
