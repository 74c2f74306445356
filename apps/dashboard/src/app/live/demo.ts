import { HttpClient, httpResource } from '@angular/common/http';
import { computed, DestroyRef, effect, inject, Injectable, signal, untracked } from '@angular/core';
import { type DemoFaultName, demoStateSchema, ROUTES } from '@logbert/contracts';
import { firstValueFrom, type Observable } from 'rxjs';
import { urlOf } from '../doors/url-of';
import { Clock } from '../figures/clock';
import { isFaultActive } from './fault-activity';
import { LiveEvents } from './live-events';

const READ_EVERY_MS = 2_000;

/** The demo shop: its phase and its faults, read anew while somebody looks. */
@Injectable()
export class Demo {
  private readonly http = inject(HttpClient);
  private readonly live = inject(LiveEvents);
  private readonly clock = inject(Clock);
  private readonly resource = httpResource(() => ROUTES.demo, { parse: demoStateSchema.parse });
  /** Faults that were asked for and that the shop has not reported yet. */
  private readonly asked = signal<ReadonlySet<DemoFaultName>>(new Set());
  private readonly failed = signal<unknown>(undefined);

  /** Undefined where this server runs no demo, or has not answered yet. */
  readonly state = computed(() => {
    if (!this.resource.hasValue()) return undefined;
    const state = this.resource.value();
    const asked = this.asked();
    return {
      ...state,
      faults: state.faults.map((fault) => {
        const isActive = isFaultActive(fault, state.phase, this.clock.serverMs);
        return {
          ...fault,
          isActive: isActive || asked.has(fault.name),
          activeUntil: isActive ? fault.activeUntil : null,
        };
      }),
    };
  });
  readonly failure = this.failed.asReadonly();

  constructor() {
    const reading = setInterval(() => this.resource.reload(), READ_EVERY_MS);
    inject(DestroyRef).onDestroy(() => clearInterval(reading));
    effect(() => {
      this.live.openings();
      untracked(() => this.resource.reload());
    });
    effect(() => {
      if (!this.resource.hasValue()) return;
      const reported = this.resource.value().faults.filter(({ isActive }) => isActive);
      this.forget(reported.map(({ name }) => name));
    });
  }

  /** A fault ends by itself after its time. */
  async switchOn(name: DemoFaultName): Promise<void> {
    this.asked.update((asked) => new Set([...asked, name]));
    const isTaken = await this.command(this.http.post(urlOf(ROUTES.demoFault, { name }), null));
    if (!isTaken) this.forget([name]);
  }

  async setAutomatic(isAutomatic: boolean): Promise<void> {
    await this.command(this.http.patch(ROUTES.demo, { isAutomatic }));
  }

  private forget(names: readonly DemoFaultName[]): void {
    this.asked.update((asked) => new Set([...asked].filter((name) => !names.includes(name))));
  }

  /** Whether the shop took it. */
  private async command(answer: Observable<unknown>): Promise<boolean> {
    try {
      await firstValueFrom(answer);
      this.failed.set(undefined);
      return true;
    } catch (error) {
      this.failed.set(error);
      return false;
    } finally {
      this.resource.reload();
    }
  }
}
