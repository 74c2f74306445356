import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

/** A percentile of fewer delays says nothing. */
const MIN_SAMPLES = 200;

/** Watches how long the event loop is held up. */
@Injectable()
export class EventLoopMonitor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly delays: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.delays.enable();
  }

  /** What the start itself held up does not count. */
  onApplicationBootstrap(): void {
    this.delays.reset();
  }

  /** The 99th percentile of the last seconds, in milliseconds; undefined until there is enough to tell. */
  takeP99Ms(): number | undefined {
    if (this.delays.count < MIN_SAMPLES) return undefined;
    const p99 = this.delays.percentile(99) / 1e6;
    this.delays.reset();
    return p99;
  }

  onApplicationShutdown(): void {
    this.delays.disable();
  }
}
