import { LiveAnnouncer } from '@angular/cdk/a11y';
import { computed, inject, Injectable, InjectionToken, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { Incident } from '@logbert/contracts';
import { LiveEvents } from '../live/live-events';
import { LiveIncidents } from '../live/live-incidents';
import { announce, dismiss, type PopupQueue, sayChange } from './popup-queue';

const STORAGE_KEY = 'logbert.popups';
const REMEMBERED = 200;
/** Behind the id of an incident whose popup was dismissed. */
const DISMISSED = '!';

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
  /** Incidents that had their popup in this tab, the latest last, and whether it was dismissed: after a reload they have none. */
  private readonly remembered = signal(rememberedIn(this.storage.getItem(STORAGE_KEY) ?? ''));
  private readonly queue = signal<PopupQueue>({
    shown: [],
    dismissed: new Set(this.remembered().keys()),
  });

  readonly shown = computed(() => this.queue().shown);
  /** Open incidents that wait without a popup, dismissed ones aside. */
  readonly hiddenCount = computed(() => {
    const here = new Set(this.queue().shown.map(({ id }) => id));
    const isDismissed = (id: string): boolean => this.remembered().get(id) ?? false;
    return this.incidents
      .open()
      .filter(({ id, isAcknowledged }) => !here.has(id) && !isDismissed(id) && !isAcknowledged)
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
    this.remember(id, true);
  }

  private show(incident: Incident): void {
    const before = this.queue().shown.find(({ id }) => id === incident.id);
    this.queue.update((queue) => announce(queue, incident));
    if (!this.queue().shown.includes(incident)) return;
    this.remember(incident.id, false);
    const words = sayChange(before, incident);
    if (words !== undefined) void this.announcer.announce(words, 'polite');
  }

  private remember(id: string, isDismissed: boolean): void {
    const before = this.remembered().get(id);
    if (before === isDismissed || before === true) return;
    const after = new Map([...this.remembered(), [id, isDismissed] as const].slice(-REMEMBERED));
    this.remembered.set(after);
    const words = [...after].map(([one, dismissed]) => (dismissed ? `${one}${DISMISSED}` : one));
    this.storage.setItem(STORAGE_KEY, words.join(' '));
  }
}

function rememberedIn(text: string): ReadonlyMap<string, boolean> {
  const words = text.split(' ').filter(Boolean);
  return new Map(words.map((word) => [word.replace(DISMISSED, ''), word.endsWith(DISMISSED)]));
}
