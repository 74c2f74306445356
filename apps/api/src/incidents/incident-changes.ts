import type { Incident } from '@logbert/contracts';
import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

export interface IncidentChange {
  /** `completed`: a session that was told of while it was open has all its lines. */
  readonly kind: 'opened' | 'extended' | 'completed' | 'closed';
  readonly incident: Incident;
}

/** What this process did to incidents, told after it is durable: who made a change follows it up. */
@Injectable()
export class IncidentChanges {
  private readonly subject = new Subject<IncidentChange>();

  get all(): Observable<IncidentChange> {
    return this.subject;
  }

  tell(change: IncidentChange): void {
    this.subject.next(change);
  }
}
