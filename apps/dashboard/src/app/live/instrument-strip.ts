import { Component, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Model, Throughput } from '@logbert/contracts';
import { Clock } from '../figures/clock';
import { AgePipe, CountPipe, MeasurePipe } from '../figures/figure-pipes';
import type { StreamState } from './stream-state';

/** The figures that are looked at first, in one row. */
@Component({
  selector: 'app-instrument-strip',
  imports: [AgePipe, CountPipe, MeasurePipe, RouterLink],
  template: `
    <dl class="panel">
      <div class="wide">
        <dt>{{ stream() ?? 'Stream' }}</dt>
        <dd class="text">
          <span class="lamp" [class]="state().kind"></span>
          {{ state().text }}
        </dd>
      </div>
      <div>
        <dt>Lines/s</dt>
        <dd>{{ sample() ? (sample()!.linesPerSecond | measure) : '–' }}</dd>
      </div>
      <div>
        <dt>Windows/s</dt>
        <dd>{{ sample() ? (sample()!.windowsPerSecond | measure) : '–' }}</dd>
      </div>
      <div>
        <dt>Lag, lines</dt>
        <dd [class.warn]="(sample()?.lag ?? 0) > 5000">
          {{ sample() ? (sample()!.lag | count) : '–' }}
        </dd>
      </div>
      <div>
        <dt>Anomalies, 10 min</dt>
        <dd>{{ anomalyCount() | count }}</dd>
      </div>
      <div>
        <dt>Open incidents</dt>
        <dd [class.alarm]="openCount() > 0">{{ openCount() | count }}</dd>
      </div>
      <div class="wide">
        <dt>Model</dt>
        <dd class="text">
          @if (model(); as active) {
            <a routerLink="/models">Version {{ active.version }}</a>
            <span class="quiet">
              since {{ active.promotedAt ?? active.createdAt | age: clock.nowMs() }} ·
              {{ active.metrics.templates | count }} templates
            </span>
          } @else if (model() === null) {
            <a routerLink="/training">None yet</a>
          } @else {
            –
          }
        </dd>
      </div>
    </dl>
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns:
        minmax(184px, 1.4fr) repeat(3, minmax(80px, 1fr)) repeat(2, max-content)
        minmax(280px, 2.2fr);
      overflow: hidden;
    }
    dl > div {
      padding: 10px 16px 12px;
      border-right: 1px solid var(--line);
      box-shadow: 0 1px 0 var(--line);
    }
    dl > div:last-child {
      border-right: 0;
    }
    dt {
      color: var(--ink-3);
      font: 500 12px/16px var(--sans);
      white-space: nowrap;
    }
    dd {
      margin-top: 2px;
      font: 600 22px/28px var(--sans);
      letter-spacing: -0.01em;
    }
    dd.text {
      display: flex;
      flex-wrap: wrap;
      align-items: baseline;
      gap: 0 8px;
      font: 560 14px/28px var(--sans);
      letter-spacing: 0;
    }
    dd.text .quiet {
      font-weight: 400;
      font-size: 12.5px;
    }
    .warn {
      color: var(--medium);
    }
    .alarm {
      color: var(--critical);
    }
    .lamp {
      width: 9px;
      height: 9px;
      border-radius: 50%;
      background: var(--ink-3);
    }
    .lamp.scoring {
      background: var(--good);
    }
    .lamp.training {
      background: var(--accent);
    }
    .lamp.behind {
      background: var(--medium);
    }
    @media (max-width: 1239px) {
      dl {
        grid-template-columns: repeat(5, minmax(0, 1fr));
      }
      .wide {
        grid-column: span 5;
      }
      .wide:first-child {
        border-right: 0;
      }
    }
    @media (max-width: 599px) {
      dl {
        grid-template-columns: repeat(6, minmax(0, 1fr));
      }
      dl > div {
        grid-column: span 2;
        padding: 8px 12px;
      }
      dl > div:nth-child(5),
      dl > div:nth-child(6) {
        grid-column: span 3;
      }
      dl > div.wide {
        grid-column: span 6;
      }
      dd {
        font-size: 20px;
        line-height: 26px;
      }
    }
  `,
})
export class InstrumentStrip {
  protected readonly clock = inject(Clock);
  readonly stream = input.required<string | undefined>();
  readonly state = input.required<StreamState>();
  readonly model = input.required<Model | null | undefined>();
  readonly sample = input.required<Throughput | undefined>();
  readonly anomalyCount = input.required<number>();
  readonly openCount = input.required<number>();
}
