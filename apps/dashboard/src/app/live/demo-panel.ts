import { Component, computed, inject, input } from '@angular/core';
import { MatSlideToggleModule } from '@angular/material/slide-toggle';
import type { DemoState } from '@logbert/contracts';
import { Clock } from '../figures/clock';
import { formatDuration } from '../figures/figures';
import { ProblemNotice } from '../notices/problem-notice';
import { Demo } from './demo';

const PHASES: Readonly<Record<DemoState['phase'], string>> = {
  off: 'The demo shop is off.',
  backfilling: 'The shop is writing its first minutes of log.',
  training: 'A model of the shop’s normal behaviour is being trained.',
  live: 'The shop is open. Switch a fault on and watch it become an incident.',
  stopped: 'The shop is closed: no lines are being written.',
};
const OPENING = 'The model is trained. The shop opens in a moment and writes lines then.';

@Component({
  selector: 'app-demo-panel',
  imports: [MatSlideToggleModule, ProblemNotice],
  template: `
    @if (state(); as shop) {
      <section class="panel" aria-labelledby="demo-heading">
        <div class="panel-head">
          <h2 id="demo-heading">Demo shop</h2>
          <mat-slide-toggle
            hideIcon
            [checked]="shop.isAutomatic"
            (change)="demo.setAutomatic($event.checked)"
          >
            Faults by themselves
          </mat-slide-toggle>
        </div>
        <div class="panel-body">
          <p class="quiet">{{ phaseText() }}</p>
          @if (demo.failure(); as failure) {
            <app-problem-notice [error]="failure" [isRetriable]="false" />
          }
          <ul>
            @for (fault of shop.faults; track fault.name) {
              <li [class.active]="fault.isActive">
                <mat-slide-toggle
                  class="far-switch"
                  hideIcon
                  labelPosition="before"
                  [checked]="fault.isActive"
                  [disabled]="shop.phase !== 'live' || fault.isActive"
                  [attr.data-fault]="fault.name"
                  (change)="demo.switchOn(fault.name)"
                >
                  <span class="title">{{ fault.title }}</span>
                  <span class="service">
                    {{ fault.service }}
                    @if (fault.isActive && fault.activeUntil; as until) {
                      · {{ remaining(until) }} left
                    }
                  </span>
                </mat-slide-toggle>
              </li>
            }
          </ul>
        </div>
      </section>
    }
  `,
  styles: `
    ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(240px, 1fr));
      gap: 8px;
      margin-top: 12px;
    }
    li {
      border: 1px solid var(--line);
      border-radius: 6px;
      background: var(--sunken);
    }
    li.active {
      border-color: var(--high);
      background: var(--high-soft);
    }
    li mat-slide-toggle {
      display: block;
      padding: 6px 10px;
      --mat-slide-toggle-disabled-selected-track-color: var(--high);
      --mat-slide-toggle-disabled-track-opacity: 0.7;
      --mat-slide-toggle-selected-track-color: var(--high);
      --mat-slide-toggle-selected-hover-track-color: var(--high);
      --mat-slide-toggle-selected-focus-track-color: var(--high);
      --mat-slide-toggle-selected-pressed-track-color: var(--high);
    }
    .title,
    .service {
      display: block;
    }
    .title {
      color: var(--ink);
      font-weight: 500;
    }
    .service {
      color: var(--ink-3);
      font-size: 12px;
      line-height: 16px;
    }
  `,
})
export class DemoPanel {
  private readonly clock = inject(Clock);
  protected readonly demo = inject(Demo);
  /** Whether the model that the shop waits for is there: the server hears of it before the shop does. */
  readonly isTrained = input.required<boolean>();
  protected readonly state = computed(() => {
    const state = this.demo.state();
    return state === undefined || state.phase === 'off' ? undefined : state;
  });
  protected readonly phaseText = computed(() => {
    const phase = this.state()?.phase ?? 'off';
    return phase === 'training' && this.isTrained() ? OPENING : PHASES[phase];
  });

  protected remaining(untilMs: number): string {
    return formatDuration(Math.max(0, untilMs - this.clock.serverMs()));
  }
}
