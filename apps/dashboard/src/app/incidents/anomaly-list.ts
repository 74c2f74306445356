import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import type { AnomalyHead, Severity } from '@logbert/contracts';
import type { PagedList } from '../doors/paged-list';
import { ClockPipe, CountPipe, PValuePipe } from '../figures/figure-pipes';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { LiveClosings } from '../live/live-closings';
import { LiveVerdicts } from '../live/live-verdicts';
import { AnomalyPanel } from './anomaly-panel';
import { VerdictMark } from './verdict-mark';

const SHOWN = 8;

/** The anomalies of an incident, one of them open with its lines. */
@Component({
  selector: 'app-anomaly-list',
  imports: [
    AnomalyPanel,
    ClockPipe,
    CountPipe,
    EmptyNotice,
    LoadingLines,
    MatButtonModule,
    ProblemNotice,
    PValuePipe,
    VerdictMark,
  ],
  template: `
    <section class="panel" aria-labelledby="lines-heading">
      <div class="panel-head">
        <h2 id="lines-heading">
          Abnormal windows <span class="quiet">{{ total() | count }}</span>
        </h2>
        <span class="label">most abnormal first</span>
      </div>
      @if (list().error(); as error) {
        <div class="panel-body">
          <app-problem-notice [error]="error" (retry)="list().reload()" />
        </div>
      }
      @for (anomaly of shown(); track anomaly.id) {
        @let verdict = verdicts.of(anomaly);
        @let isOpen = anomaly.state === 'open';
        <article
          [class.open]="openId() === anomaly.id"
          [class.retracted]="verdict.state === 'retracted'"
        >
          <button
            type="button"
            class="row"
            [attr.aria-expanded]="openId() === anomaly.id"
            (click)="openId.set(openId() === anomaly.id ? '' : anomaly.id)"
          >
            <span class="when">{{ anomaly.firstAt | clock }}</span>
            <code>{{ anomaly.windowKey }}</code>
            <span class="services">{{ anomaly.services.join(' → ') }}</span>
            <span class="quiet">{{ anomaly.decidingChannel }}</span>
            @if (isOpen && verdict.state === 'immediate') {
              <span class="session" title="More lines of it may come">session open</span>
            } @else {
              <app-verdict-mark [verdict]="verdict" />
            }
            <span class="p">p {{ anomaly.pValue | pValue }}</span>
          </button>
          @if (openId() === anomaly.id) {
            <app-anomaly-panel
              [id]="anomaly.id"
              [severity]="severity()"
              [verdict]="verdict"
              [state]="anomaly.state"
            />
          }
        </article>
      } @empty {
        @if (list().isLoading()) {
          <app-loading-lines />
        } @else if (!list().error()) {
          <app-empty-notice icon="missing" heading="The windows are gone">
            Anomalies older than the retention are deleted; the incident stays.
          </app-empty-notice>
        }
      }
      @if (shown().length < ordered().length) {
        <div class="more">
          <button mat-button type="button" (click)="isWhole.set(true)">
            Show {{ ordered().length - shown().length }} more windows
          </button>
        </div>
      } @else if (list().hasMore()) {
        <div class="more">
          <button
            mat-button
            type="button"
            [disabled]="list().isLoading()"
            (click)="list().readMore()"
          >
            Read more windows
          </button>
        </div>
      }
    </section>
  `,
  styles: `
    article {
      border-top: 1px solid var(--line);
    }
    .row {
      display: grid;
      grid-template-columns: 96px minmax(80px, 0.9fr) minmax(0, 1.3fr) 100px 100px 84px;
      align-items: baseline;
      gap: 2px 14px;
      width: 100%;
      padding: 8px 16px;
      border: 0;
      background: none;
      color: inherit;
      font: inherit;
      font-size: 13px;
      text-align: left;
      cursor: pointer;
    }
    .row:hover,
    .open .row {
      background: var(--sunken);
    }
    .retracted .row {
      color: var(--ink-3);
    }
    code,
    .services {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .session {
      justify-self: start;
      padding: 0 6px;
      border: 1px solid currentColor;
      border-radius: 8px;
      font-size: 11.5px;
      font-weight: 560;
      white-space: nowrap;
    }
    .p {
      text-align: right;
    }
    .more {
      padding: 6px;
      border-top: 1px solid var(--line);
      text-align: center;
    }
    @media (max-width: 719px) {
      .row {
        grid-template-columns: 1fr auto;
        padding: 8px 12px;
      }
      .services {
        grid-column: span 2;
        white-space: normal;
      }
      .session,
      app-verdict-mark {
        grid-column: span 2;
        order: 1;
      }
      app-verdict-mark:empty {
        display: none;
      }
    }
  `,
})
export class AnomalyList {
  protected readonly verdicts = inject(LiveVerdicts);
  private readonly closings = inject(LiveClosings);
  readonly list = input.required<PagedList<AnomalyHead>>();
  readonly total = input.required<number>();
  readonly severity = input.required<Severity>();

  protected readonly ordered = computed(() =>
    this.list()
      .items()
      .map((anomaly) => this.closings.of(anomaly))
      .sort((a, b) => a.pValue - b.pValue || a.firstAt - b.firstAt),
  );
  protected readonly isWhole = signal(false);
  protected readonly shown = computed(() =>
    this.isWhole() ? this.ordered() : this.ordered().slice(0, SHOWN),
  );
  /** The most abnormal one until somebody opens another; empty when all are shut. */
  protected readonly openId = linkedSignal<readonly AnomalyHead[], string | undefined>({
    source: this.ordered,
    computation: (ordered, previous) => previous?.value ?? ordered[0]?.id,
  });
}
