import type { Incident } from '@logbert/contracts';
import { Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

export interface IncidentChange {
  readonly kind: 'opened' | 'extended' | 'closed';
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
