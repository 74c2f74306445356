import type {
  ArtifactsConfig,
  DetectionConfig,
  EpochLoss,
  LogStreamConfig,
  ModelMetrics,
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

/** What a training child tells its server. */
export type TrainingReport =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'epoch'; readonly epoch: EpochLoss }
  | { readonly type: 'done'; readonly metrics: ModelMetrics }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** What a server tells its training child. */
export type TrainingCommand =
  { readonly type: 'start'; readonly order: TrainingOrder } | { readonly type: 'cancel' };
