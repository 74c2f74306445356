import { computed, DestroyRef, inject, Injectable, signal } from '@angular/core';

/** Differences of clocks that are no delay of the network. */
const NOTICED_MS = 1_000;

/** The present, second by second, for ages and elapsed times on the screen. */
@Injectable({ providedIn: 'root' })
export class Clock {
  private readonly present = signal(Date.now());
  private readonly serverAheadMs = signal(0);
  readonly nowMs = this.present.asReadonly();
  /** The present by the server's clock, once it has told a time; by this browser's before. */
  readonly serverMs = computed(() => this.present() + this.serverAheadMs());

  constructor() {
    const ticking = setInterval(() => this.present.set(Date.now()), 1_000);
    inject(DestroyRef).onDestroy(() => clearInterval(ticking));
  }

  /** @param atMs what the server says that the time is now */
  noteServer(atMs: number): void {
    const aheadMs = atMs - Date.now();
    this.serverAheadMs.update((known) =>
      Math.abs(aheadMs - known) > NOTICED_MS ? aheadMs : known,
    );
  }
}
