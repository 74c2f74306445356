import { DestroyRef, inject, Injectable, signal } from '@angular/core';

/** The present, second by second, for ages and elapsed times on the screen. */
@Injectable({ providedIn: 'root' })
export class Clock {
  private readonly present = signal(Date.now());
  readonly nowMs = this.present.asReadonly();

  constructor() {
    const ticking = setInterval(() => this.present.set(Date.now()), 1_000);
    inject(DestroyRef).onDestroy(() => clearInterval(ticking));
  }
}
