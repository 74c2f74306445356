import type { ArtifactStore } from '@logbert/artifact-store';
import type { Database } from '@logbert/database';
import type { LogStream } from '@logbert/log-stream';
import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { ARTIFACT_STORE } from '../artifacts/artifact-store.token';
import { LOG_STREAM } from '../messaging/log-stream.token';
import { DATABASE } from '../storage/database.token';
import { EventLoopMonitor } from './event-loop-monitor';

/** An answer that takes longer counts as none. */
const PATIENCE_MS = 3_000;
const MAX_EVENT_LOOP_P99_MS = 2_000;

/** Asks each part of the server how it is. */
@Injectable()
export class HealthProbe {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly eventLoopMonitor: EventLoopMonitor,
    @Inject(DATABASE) private readonly databaseHandle: Database,
    @Inject(ARTIFACT_STORE) private readonly artifacts: ArtifactStore,
    @Inject(LOG_STREAM) private readonly stream: LogStream,
  ) {}

  logStreamProgress(): HealthIndicatorResult {
    const session = this.indicators.check('logStreamProgress');
    return this.stream.isProgressing()
      ? session.up()
      : session.down('lines wait and no position has advanced lately');
  }

  eventLoop(): HealthIndicatorResult {
    const session = this.indicators.check('eventLoop');
    const p99Ms = this.eventLoopMonitor.takeP99Ms();
    if (p99Ms === undefined) return session.up();
    return p99Ms <= MAX_EVENT_LOOP_P99_MS ? session.up({ p99Ms }) : session.down({ p99Ms });
  }

  database(): Promise<HealthIndicatorResult> {
    return this.ask('database', this.databaseHandle.isHealthy());
  }

  artifactStore(): Promise<HealthIndicatorResult> {
    return this.ask('artifactStore', this.artifacts.isHealthy());
  }

  /** Reachable when it can tell its positions. */
  logStream(): Promise<HealthIndicatorResult> {
    return this.ask(
      'logStream',
      this.stream.lag().then(() => true),
    );
  }

  private async ask(key: string, question: Promise<boolean>): Promise<HealthIndicatorResult> {
    const session = this.indicators.check(key);
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    const silence = new Promise<never>((_resolve, reject) => {
      deadline.addEventListener('abort', () => reject(new Error(`no answer in ${PATIENCE_MS} ms`)));
    });
    try {
      return (await Promise.race([question, silence])) ? session.up() : session.down();
    } catch (error) {
      return session.down(error instanceof Error ? error.message : String(error));
    }
  }
}
