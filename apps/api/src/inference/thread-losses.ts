import type { Failure } from '@logbert/failure';
import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

export interface ThreadLoss {
  readonly failure: Failure;
  /** Whether the windows of the partition were in the thread. */
  readonly isOfThread: (partition: number) => boolean;
}

/** Detector threads that ended by themselves and were replaced. */
@Injectable()
export class ThreadLosses {
  private readonly subject = new Subject<ThreadLoss>();

  get all(): Observable<ThreadLoss> {
    return this.subject;
  }

  tell(failure: Failure, isOfThread: ThreadLoss['isOfThread']): void {
    this.subject.next({ failure, isOfThread });
  }
}
