import type { CounterMetric, GaugeMetric, HistogramMetric, Metric } from './metric';

/** Work that a user waits for: from one millisecond to ten seconds. */
const WAIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a line's arrival to its verdict; idle windows alone take ten seconds by default. */
const LATENCY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 300];
/** A training job: from a toy to a night. */
const JOB_SECONDS = [1, 2.5, 5, 10, 20, 30, 60, 90, 120, 300, 600, 1_800, 3_600, 14_400];
/** A root-cause report: computed in milliseconds, its prose in as long as a language model takes. */
const REPORT_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];

const counter = (name: string, help: string, labels: readonly string[] = []): CounterMetric => ({
  kind: 'counter',
  name,
  help,
  labels,
});

const gauge = (name: string, help: string, labels: readonly string[] = []): GaugeMetric => ({
  kind: 'gauge',
  name,
  help,
  labels,
});

const histogram = (
  name: string,
  help: string,
  buckets: readonly number[],
  labels: readonly string[] = [],
): HistogramMetric => ({ kind: 'histogram', name, help, labels, buckets });

/**
 * Every metric of the program, defined once.
 *
 * The API counts by this table, `prometheus/` and `grafana/` name its entries, and a test compares the three.
 * Names follow the Prometheus rules: base units, `_total` for counters, no unit twice.
 */
export const METRICS = {
  ingestLines: counter(
    'logbert_ingest_lines_total',
    'Log lines acknowledged, by stream and door: http, otlp, loki, elasticsearch or demo.',
    ['stream', 'door'],
  ),
  ingestRejected: counter(
    'logbert_ingest_rejected_total',
    'Log lines refused at a door, by reason.',
    ['reason'],
  ),
  linesProcessed: counter(
    'logbert_lines_processed_total',
    'Log lines that went through a detector.',
    ['stream'],
  ),
  windowsScored: counter('logbert_windows_scored_total', 'Windows that a detector has judged.', [
    'stream',
  ]),
  windowsUnscored: counter(
    'logbert_windows_unscored_total',
    'Windows that were judged without the model although there is one, since it could not score them, by reason.',
    ['stream', 'reason'],
  ),
  anomalies: counter(
    'logbert_anomalies_total',
    'Windows found anomalous, by the channel that decided.',
    ['stream', 'channel'],
  ),
  anomaliesSettled: counter(
    'logbert_anomalies_settled_total',
    'Anomalies whose verdict became final fifty windows later, by outcome: confirmed or retracted.',
    ['stream', 'outcome'],
  ),
  incidentsOpened: counter(
    'logbert_incidents_opened_total',
    'Incidents opened, by their severity at that time.',
    ['stream', 'severity'],
  ),
  decodeFailures: counter(
    'logbert_decode_failures_total',
    'Records that are no log line, by reason.',
    ['reason'],
  ),
  recordsParked: counter(
    'logbert_records_parked_total',
    'Records sent to the dead letters, by reason.',
    ['reason'],
  ),
  trainingJobs: counter(
    'logbert_training_jobs_total',
    'Training jobs that ended: succeeded, failed or cancelled.',
    ['state'],
  ),
  rcaReports: counter(
    'logbert_rca_reports_total',
    'Root-cause reports, by narrative: not-configured, written or failed.',
    ['narrative'],
  ),
  rcaLlmFailures: counter(
    'logbert_rca_llm_failures_total',
    'Calls of the language model that gave no usable answer, by reason.',
    ['reason'],
  ),
  rcaClaims: counter(
    'logbert_rca_claims_total',
    'Claims of narratives, by whether their citations held: true or false.',
    ['verified'],
  ),
  artifactOperations: counter(
    'logbert_artifact_operations_total',
    'Operations on the artifact store (put, get, list, remove), by outcome: ok or failed.',
    ['operation', 'outcome'],
  ),

  incidentsOpen: gauge('logbert_incidents_open', 'Incidents open at present.', ['stream']),
  consumerLag: gauge(
    'logbert_consumer_lag_records',
    'Records of a partition that were not taken in yet; of one that another process reads, not committed yet.',
    ['source', 'partition'],
  ),
  consumerLagSeconds: gauge(
    'logbert_consumer_lag_seconds',
    'Age of the oldest record of a partition that was not taken in yet; of one that another process reads, for how long it has stood still.',
    ['source', 'partition'],
  ),
  topicsMissing: gauge(
    'logbert_topics_missing',
    'Whether Kafka lacks a topic that is to be read: 1 or 0.',
    ['topic'],
  ),
  openWindows: gauge('logbert_open_windows', 'Windows that wait for more lines or for silence.', [
    'stream',
  ]),
  unlikeTrainingShare: gauge(
    'logbert_unlike_training_share',
    'Share of the last 500 windows that are unlike those of the training: about 0.05, far above when the work has changed.',
    ['stream'],
  ),
  novelQuarantined: gauge(
    'logbert_novel_quarantined',
    'Partitions whose novel lines cannot be grouped: those like no template are one group.',
    ['stream'],
  ),
  trainingRunning: gauge('logbert_training_running', 'Training jobs that run at present.'),
  trainingLoss: gauge(
    'logbert_training_loss',
    'Mean loss of the last finished epoch, nats a masked key.',
    ['stream'],
  ),
  trainingTokensPerSecond: gauge(
    'logbert_training_tokens_per_second',
    'Tokens a second of the job that runs, or of the last one.',
    ['stream'],
  ),
  modelInfo: gauge('logbert_model_info', '1 for the active model of a stream.', [
    'stream',
    'model',
  ]),
  liveClients: gauge('logbert_live_clients', 'Open event streams.'),

  batchSeconds: histogram(
    'logbert_batch_seconds',
    'Time from a batch to its release: detection and database together.',
    WAIT_SECONDS,
  ),
  detectionLatency: histogram(
    'logbert_detection_latency_seconds',
    'Time from the arrival of a window’s last line to its recorded anomaly.',
    LATENCY_SECONDS,
    ['stream'],
  ),
  trainingSeconds: histogram(
    'logbert_training_seconds',
    'Time a training job took, from its start to its end.',
    JOB_SECONDS,
  ),
  rcaSeconds: histogram(
    'logbert_rca_seconds',
    'Time to write a root-cause report, prose included.',
    REPORT_SECONDS,
  ),
  httpRequestSeconds: histogram(
    'logbert_http_request_seconds',
    'Time of an HTTP request; route is the pattern, never the address.',
    WAIT_SECONDS,
    ['method', 'route', 'status'],
  ),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricKey = keyof typeof METRICS;
