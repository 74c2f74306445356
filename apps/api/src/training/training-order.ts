import type {
  ArtifactsConfig,
  DetectionConfig,
  EpochLoss,
  LogStreamConfig,
  ModelMetrics,
  Resumption,
  SourcePin,
  StreamSettings,
  TrainingConfig,
  TrainingProgress,
} from '@logbert/contracts';

/** A training source with everything looked up: what the child may read. */
export type ResolvedSource =
  /** A file of lines, plain or gzip. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stream'; readonly fromMs: number; readonly toMs: number };

/** All that a training child needs to know; it has no configuration of its own. */
export interface TrainingOrder {
  readonly jobId: string;
  /** From 1; any other goes on from the checkpoint of the one before. */
  readonly attempt: number;
  /** What an attempt before has read. */
  readonly pin: SourcePin | undefined;
  /** Lines of files without a time count as received then, in every attempt; epoch milliseconds. */
  readonly beganAtMs: number;
  readonly modelId: string;
  readonly stream: string;
  readonly source: ResolvedSource;
  readonly settings: StreamSettings;
  readonly training: TrainingConfig;
  readonly detection: DetectionConfig;
  readonly logStream: LogStreamConfig;
  readonly dataDirectory: string;
  readonly artifacts: ArtifactsConfig;
  readonly artifactDirectory: string;
  readonly lineLimitBytes: number;
}

/** Why a training child could not do it. */
export interface ToldFailure {
  readonly code: string;
  readonly message: string;
  /** Whether it may go well another time: a service was away. */
  readonly isRetriable: boolean;
}

/** What a training child tells its server. */
export type TrainingReport =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'epoch'; readonly epoch: EpochLoss }
  | { readonly type: 'pinned'; readonly pin: SourcePin }
  | {
      readonly type: 'resumed';
      readonly resumption: Resumption;
      readonly history: readonly EpochLoss[];
    }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'done'; readonly metrics: ModelMetrics }
  | ({ readonly type: 'failed' } & ToldFailure);

/** What a server tells its training child. */
export type TrainingCommand =
  { readonly type: 'start'; readonly order: TrainingOrder } | { readonly type: 'cancel' };
