import type { LogStream, PartitionLag, RecordBatch } from '@logbert/log-stream';
import { METRICS } from '@logbert/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { LiveThroughput } from '../live/live-throughput';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { Meters } from '../metrics/meters';
import { QuarantineLedger } from '../streams/quarantine-ledger';
import { UntrainedLedger } from '../streams/untrained-ledger';
import { WorkloadLedger } from '../streams/workload-ledger';
import type { PartitionName, StreamFindings } from './detector-protocol';
import { GroupingWatch } from './grouping-watch';
import { LineAges } from './line-ages';
import { UnscoredWatch } from './unscored-watch';
import { WorkloadWatch } from './workload-watch';

interface Tally {
  lines: number;
  windows: number;
  anomalies: number;
}

/** Counts what the detectors found, for Prometheus and for whoever watches the live page. */
@Injectable()
export class InferenceFigures {
  private readonly tallies = new Map<string, Tally>();
  /** Up to where each partition was taken in; positions are committed later, with a checkpoint. */
  private readonly takenIn = new Map<string, number>();
  private readonly ages = new LineAges();
  private readonly openWindows = new Map<string, Map<string, number>>();
  private readonly groupings: GroupingWatch;
  private readonly workloads: WorkloadWatch;
  private readonly unscored: UnscoredWatch;
  private saidAt = Date.now();

  constructor(
    @Inject(LOG_STREAM) private readonly logStream: LogStream,
    private readonly throughput: LiveThroughput,
    private readonly meters: Meters,
    private readonly quarantines: QuarantineLedger,
    private readonly untrained: UntrainedLedger,
    private readonly workloadLedger: WorkloadLedger,
  ) {
    this.groupings = new GroupingWatch(meters);
    this.workloads = new WorkloadWatch(meters);
    this.unscored = new UnscoredWatch(meters);
    meters.beforeScrape(() => this.sampleLag());
  }

  note(partition: PartitionName, findings: StreamFindings): void {
    const { stream, lines, windows } = findings;
    // One that was found while its session was open comes again when that is closed.
    const anomalies = findings.anomalies.filter(({ state, early }) => state === 'open' || !early);
    const tally = this.tallies.get(stream) ?? { lines: 0, windows: 0, anomalies: 0 };
    tally.lines += lines;
    tally.windows += windows;
    tally.anomalies += anomalies.length;
    this.tallies.set(stream, tally);

    this.meters.count(METRICS.linesProcessed, { stream }, lines);
    this.meters.count(METRICS.windowsScored, { stream }, windows);
    for (const { decidingChannel } of anomalies) {
      this.meters.count(METRICS.anomalies, { stream, channel: decidingChannel });
    }
    for (const { code } of findings.failures) {
      if (code.startsWith('log-records/')) {
        this.meters.count(METRICS.decodeFailures, { reason: code });
      }
    }
    this.groupings.note(partition, findings);
    this.workloads.note(partition, findings);
    this.unscored.note(findings);
    this.quarantines.note({ ...partition, stream }, findings.grouping);
    this.untrained.note({ ...partition, stream }, findings.untrainedWindows);
    this.workloadLedger.note({ ...partition, stream }, findings.unlikeTrainingShare);
    this.meters.set(METRICS.openWindows, this.openWindowsOf(partition, findings), { stream });
    for (const latencyMs of findings.latenciesMs) {
      this.meters.observe(METRICS.detectionLatency, latencyMs / 1_000, { stream });
    }
  }

  /** A stream's windows may be open in several partitions. */
  private openWindowsOf(
    { source, partition }: PartitionName,
    { stream, openWindows }: StreamFindings,
  ): number {
    const byPartition = this.openWindows.get(stream) ?? new Map<string, number>();
    byPartition.set(`${source}/${partition}`, openWindows);
    this.openWindows.set(stream, byPartition);
    return sumOf(byPartition);
  }

  /** Says nothing more of a partition that was taken away: whoever works on it now does. */
  forget(name: PartitionName): void {
    const place = `${name.source}/${name.partition}`;
    this.takenIn.delete(place);
    this.ages.forget(place);
    for (const [stream, byPartition] of this.openWindows) {
      if (!byPartition.delete(place)) continue;
      this.meters.set(METRICS.openWindows, sumOf(byPartition), { stream });
    }
    this.groupings.forget(name);
    this.workloads.forget(name);
  }

  /** A record is among the dead letters. */
  notePark(code: string): void {
    this.meters.count(METRICS.recordsParked, { reason: code });
  }

  /** A batch is to be taken in. */
  beginBatch({ source, partition, records, nextOffset }: RecordBatch): void {
    const [first] = records;
    if (first) this.ages.begin(`${source}/${partition}`, nextOffset, first.receivedAtMs);
  }

  /** A batch was taken in. */
  noteBatch({ source, partition, nextOffset }: RecordBatch, seconds: number): void {
    const place = `${source}/${partition}`;
    this.meters.observe(METRICS.batchSeconds, seconds);
    this.takenIn.set(place, nextOffset);
    this.ages.end(place, nextOffset);
  }

  /** Tells the live page what passed since it was last told. */
  async sayThroughput(): Promise<void> {
    const now = Date.now();
    const seconds = (now - this.saidAt) / 1_000;
    if (seconds <= 0) return;
    this.saidAt = now;
    if (this.tallies.size === 0) return;
    const lag = await this.totalLag();
    for (const [stream, tally] of this.tallies) {
      const isActive = tally.lines + tally.windows + tally.anomalies > 0;
      // A stream that falls silent is told once more, with zeros.
      if (isActive) this.tallies.set(stream, { lines: 0, windows: 0, anomalies: 0 });
      else this.tallies.delete(stream);
      this.throughput.report({
        stream,
        at: now,
        linesPerSecond: tally.lines / seconds,
        windowsPerSecond: tally.windows / seconds,
        anomalies: tally.anomalies,
        lag,
      });
    }
  }

  private async totalLag(): Promise<number> {
    const partitions = await this.lags();
    return partitions.reduce((sum, { lag }) => sum + lag, 0);
  }

  /** Of partitions that another process works on, what it has taken in is not known before it is committed. */
  private async lags(): Promise<readonly Omit<PartitionLag, 'committed'>[]> {
    const partitions = await this.logStream.lag();
    return partitions.map(({ source, partition, committed, end }) => {
      const position = Math.max(committed, this.takenIn.get(`${source}/${partition}`) ?? 0);
      return { source, partition, end, lag: Math.max(0, end - position) };
    });
  }

  private async sampleLag(): Promise<void> {
    const partitions = await this.lags();
    const now = Date.now();
    this.meters.reset(METRICS.consumerLag);
    this.meters.reset(METRICS.consumerLagSeconds);
    for (const { source, partition, lag, end } of partitions) {
      const ageMs = this.ages.oldestMs(`${source}/${partition}`, { position: end - lag, lag }, now);
      this.meters.set(METRICS.consumerLag, lag, { source, partition });
      this.meters.set(METRICS.consumerLagSeconds, ageMs / 1_000, { source, partition });
    }
  }
}

function sumOf(byPartition: ReadonlyMap<string, number>): number {
  return [...byPartition.values()].reduce((sum, open) => sum + open, 0);
}
