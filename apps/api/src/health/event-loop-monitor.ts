import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** Watches how long the event loop is held up. */
@Injectable()
export class EventLoopMonitor implements OnApplicationShutdown {
  private readonly delays: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.delays.enable();
  }

  /** The 99th percentile since the last call, in milliseconds. */
  takeP99Ms(): number {
    const p99 = this.delays.percentile(99) / 1e6;
    this.delays.reset();
    return p99;
  }

  onApplicationShutdown(): void {
    this.delays.disable();
  }
}
