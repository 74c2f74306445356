import { LIVE_EVENTS, type Model } from '@logbert/contracts';
import { Injectable } from '@nestjs/common';
import { filter, map, type Observable } from 'rxjs';
import { Outbox } from '../live/outbox';

/** Tells which model scores a stream from now on, whichever process promoted it. */
@Injectable()
export class ModelActivation {
  readonly activations: Observable<Model>;

  constructor(outbox: Outbox) {
    this.activations = outbox.events.pipe(
      map(({ event }) => (event.type === LIVE_EVENTS.model ? event.data : undefined)),
      filter((model) => model !== undefined),
      filter((model) => model.isActive),
    );
  }
}
