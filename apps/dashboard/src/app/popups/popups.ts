import { LiveAnnouncer } from '@angular/cdk/a11y';
import { computed, inject, Injectable, InjectionToken, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { Incident } from '@logbert/contracts';
import { LiveEvents } from '../live/live-events';
import { LiveIncidents } from '../live/live-incidents';
import { announce, dismiss, type PopupQueue, sayChange } from './popup-queue';

const STORAGE_KEY = 'logbert.popups';
const REMEMBERED = 200;

/** Where popups that were shown or dismissed are remembered while the tab is open; tests provide their own. */
export const POPUP_STORAGE = new InjectionToken<Pick<Storage, 'getItem' | 'setItem'>>(
  'POPUP_STORAGE',
  { factory: () => sessionStorage },
);

/** One popup an incident, brought up to date in place by the event stream. */
@Injectable({ providedIn: 'root' })
export class Popups {
  private readonly storage = inject(POPUP_STORAGE);
  private readonly incidents = inject(LiveIncidents);
  private readonly announcer = inject(LiveAnnouncer);
  /** Incidents that had their popup in this tab, the latest last: after a reload they have none. */
  private remembered = (this.storage.getItem(STORAGE_KEY) ?? '').split(' ').filter(Boolean);
  private readonly queue = signal<PopupQueue>({
    shown: [],
    dismissed: new Set(this.remembered),
  });

  readonly shown = computed(() => this.queue().shown);
  /** Open incidents that wait without a popup, dismissed ones aside. */
  readonly hiddenCount = computed(() => {
    const { shown, dismissed } = this.queue();
    const here = new Set(shown.map(({ id }) => id));
    return this.incidents
      .open()
      .filter(({ id, isAcknowledged }) => !here.has(id) && !dismissed.has(id) && !isAcknowledged)
      .length;
  });

  constructor() {
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => {
        if (event.type === 'incident') this.show(event.data);
        if (event.type === 'root-cause') this.show(event.data.incident);
      });
  }

  dismiss(id: string): void {
    this.queue.update((queue) => dismiss(queue, id));
    this.remember(id);
  }

  private show(incident: Incident): void {
    const before = this.queue().shown.find(({ id }) => id === incident.id);
    this.queue.update((queue) => announce(queue, incident));
    if (!this.queue().shown.includes(incident)) return;
    this.remember(incident.id);
    const words = sayChange(before, incident);
    if (words !== undefined) void this.announcer.announce(words, 'polite');
  }

  private remember(id: string): void {
    if (this.remembered.includes(id)) return;
    this.remembered = [...this.remembered, id].slice(-REMEMBERED);
    this.storage.setItem(STORAGE_KEY, this.remembered.join(' '));
  }
}
