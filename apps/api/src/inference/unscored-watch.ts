import { METRICS } from '@logbert/telemetry';
import { Logger } from '@nestjs/common';
import type { Meters } from '../metrics/meters';
import type { StreamFindings } from './detector-protocol';

/** One that fails for every window would fill the log. */
const SAY_EVERY_MS = 600_000;

/** Tells the operator of windows that a model should have scored and could not: they are judged by the channels without one. */
export class UnscoredWatch {
  private readonly logger = new Logger('Inference');
  private readonly saidAtMs = new Map<string, number>();

  constructor(
    private readonly meters: Pick<Meters, 'count'>,
    private readonly now: () => number = Date.now,
  ) {}

  note({ stream, unscored }: Pick<StreamFindings, 'stream' | 'unscored'>): void {
    for (const [reason, windows] of unscored) {
      this.meters.count(METRICS.windowsUnscored, { stream, reason }, windows);
      const name = `${stream} ${reason}`;
      const saidAtMs = this.saidAtMs.get(name);
      const now = this.now();
      if (saidAtMs !== undefined && now - saidAtMs < SAY_EVERY_MS) continue;
      this.saidAtMs.set(name, now);
      this.logger.error(
        `the model of stream ${stream} could not score ${windows === 1 ? 'a window' : `${windows} windows`} (${reason}): ` +
          'judged without it, by what is new or rare. Promote the model before, or train the stream again.',
      );
    }
  }
}
