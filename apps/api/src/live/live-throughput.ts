import type { Throughput } from '@logbert/contracts';
import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

/** What passes right now: told by the detectors, shown to whoever watches, kept nowhere. */
@Injectable()
export class LiveThroughput {
  private readonly subject = new Subject<Throughput>();

  get figures(): Observable<Throughput> {
    return this.subject;
  }

  report(figure: Throughput): void {
    this.subject.next(figure);
  }
}
