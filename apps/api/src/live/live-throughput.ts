import type { Throughput } from '@logbert/contracts';
import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

const KEPT_MS = 600_000;

/** What passes right now: told by the detectors of this process, shown to whoever watches, forgotten after ten minutes. */
@Injectable()
export class LiveThroughput {
  private readonly subject = new Subject<Throughput>();
  /** By stream, oldest first. */
  private readonly kept = new Map<string, Throughput[]>();

  get figures(): Observable<Throughput> {
    return this.subject;
  }

  report(figure: Throughput): void {
    const kept = this.kept.get(figure.stream);
    if (kept) kept.push(figure);
    else this.kept.set(figure.stream, [figure]);
    this.forget(figure.at - KEPT_MS);
    this.subject.next(figure);
  }

  /** What passed through a stream in the last ten minutes, oldest first. */
  historyOf(stream: string, nowMs = Date.now()): readonly Throughput[] {
    return (this.kept.get(stream) ?? []).filter(({ at }) => at > nowMs - KEPT_MS);
  }

  private forget(untilMs: number): void {
    for (const [stream, kept] of this.kept) {
      const first = kept.findIndex(({ at }) => at > untilMs);
      if (first === -1) this.kept.delete(stream);
      else if (first > 0) kept.splice(0, first);
    }
  }
}
