import { HttpClient, httpResource } from '@angular/common/http';
import { DestroyRef, effect, inject, Injectable, signal, untracked } from '@angular/core';
import { type DemoFaultName, type DemoState, demoStateSchema, ROUTES } from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { urlOf } from '../doors/url-of';
import { LiveEvents } from './live-events';

const READ_EVERY_MS = 4_000;

/** The demo shop: its phase and its faults, read anew while somebody looks. */
@Injectable()
export class Demo {
  private readonly http = inject(HttpClient);
  private readonly live = inject(LiveEvents);
  private readonly resource = httpResource(() => ROUTES.demo, { parse: demoStateSchema.parse });

  readonly failure = signal<unknown>(undefined);

  constructor() {
    const reading = setInterval(() => this.resource.reload(), READ_EVERY_MS);
    inject(DestroyRef).onDestroy(() => clearInterval(reading));
    effect(() => {
      this.live.openings();
      untracked(() => this.resource.reload());
    });
  }

  /** Undefined where this server runs no demo, or has not answered yet. */
  state(): DemoState | undefined {
    return this.resource.hasValue() ? this.resource.value() : undefined;
  }

  async switchFault(name: DemoFaultName, isActive: boolean): Promise<void> {
    const url = urlOf(ROUTES.demoFault, { name });
    await this.command(isActive ? this.http.put(url, null) : this.http.delete(url));
  }

  async setAutomatic(isAutomatic: boolean): Promise<void> {
    await this.command(this.http.patch(ROUTES.demo, { isAutomatic }));
  }

  private async command(answer: ReturnType<HttpClient['put']>): Promise<void> {
    try {
      await firstValueFrom(answer);
      this.failure.set(undefined);
    } catch (error) {
      this.failure.set(error);
    } finally {
      this.resource.reload();
    }
  }
}
