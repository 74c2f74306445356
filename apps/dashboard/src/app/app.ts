import { Component, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { filter, map } from 'rxjs';
import { ApiKey } from './access/api-key';
import { SignIn } from './access/sign-in';
import { Icon, type IconName } from './icons/icon';
import { LiveEvents } from './live/live-events';
import { LiveIncidents } from './live/live-incidents';
import { LiveTraffic } from './live/live-traffic';
import { LiveTraining } from './live/live-training';
import { PopupStack } from './popups/popup-stack';

interface Room {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
}

const ROOMS: readonly Room[] = [
  { path: '/', name: 'Live', icon: 'live' },
  { path: '/incidents', name: 'Incidents', icon: 'incidents' },
  { path: '/training', name: 'Training', icon: 'training' },
  { path: '/models', name: 'Models', icon: 'models' },
  { path: '/streams', name: 'Streams', icon: 'streams' },
];

@Component({
  selector: 'app-root',
  imports: [Icon, PopupStack, RouterLink, RouterLinkActive, RouterOutlet, SignIn],
  templateUrl: './app.html',
  styleUrl: './app.scss',
})
export class App {
  private readonly router = inject(Router);
  protected readonly live = inject(LiveEvents);
  protected readonly incidents = inject(LiveIncidents);
  protected readonly training = inject(LiveTraining);
  protected readonly apiKey = inject(ApiKey);
  protected readonly rooms = ROOMS;

  private readonly url = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map((event) => event.urlAfterRedirects),
    ),
    { initialValue: '' },
  );
  protected readonly viewedId = computed(() => /^\/incidents\/([^/?#]+)/.exec(this.url())?.[1]);
  protected readonly connectionText = computed(() => {
    const texts = { connecting: 'Connecting', open: 'Connected', lost: 'Reconnecting' } as const;
    return this.apiKey.isNeeded() ? 'Key needed' : texts[this.live.connection()];
  });

  constructor() {
    // Collected from the start, so that the live page shows what passed before it was opened.
    inject(LiveTraffic);
  }
}
