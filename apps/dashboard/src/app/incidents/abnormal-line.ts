import { Component, computed, input } from '@angular/core';
import type { AnomalyLine } from '@logbert/contracts';
import { ClockPipe, MeasurePipe, SharePipe } from '../figures/figure-pipes';

const SHOWN_EXPECTATIONS = 3;

/** A line that made its window odd, with what the model expected in its place. */
@Component({
  selector: 'app-abnormal-line',
  imports: [ClockPipe, MeasurePipe, SharePipe],
  template: `
    <div class="line">
      <time>{{ line().at | clock }}</time>
      <span class="service">{{ line().service }}</span>
      <code>{{ line().raw }}</code>
    </div>
    <div class="told">
      <p>
        @if (expected().length > 0) {
          expected
          @for (option of expected(); track option.templateId) {
            <code>{{ option.template }}</code> ({{ option.probability | share }}){{
              $last ? '' : ', '
            }}
          }
          <span class="middle" aria-hidden="true">·</span>
        }
        @if (line().isNovel) {
          saw a line like none known before: <code class="saw">{{ line().template }}</code>
        } @else {
          saw <code class="saw">{{ line().template }}</code>
          @if (line().observedProbability !== null) {
            ({{ line().observedProbability! | share }})
          }
        }
      </p>
      @if (line().surprise !== null) {
        <p class="surprise">
          <span class="bar" aria-hidden="true"><span [style.width.%]="share()"></span></span>
          surprise {{ line().surprise! | measure }} nats
        </p>
      }
    </div>
  `,
  styles: `
    :host {
      display: block;
      margin: 4px 0;
      padding: 5px 16px 8px 13px;
      border-left: 3px solid var(--shade);
      background: var(--shade-soft);
    }
    .line {
      display: grid;
      grid-template-columns: 92px 104px minmax(0, 1fr);
      gap: 0 10px;
      font-size: 12.5px;
      line-height: 18px;
    }
    .line code {
      font-weight: 600;
      overflow-wrap: anywhere;
      white-space: pre-wrap;
    }
    time,
    .service {
      color: var(--ink-2);
    }
    .service {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .told {
      margin: 4px 0 0 216px;
      color: var(--ink-2);
      font-size: 12.5px;
      line-height: 19px;
    }
    .told code {
      padding: 0 4px;
      border-radius: 3px;
      background: var(--surface);
      font-size: 12px;
      overflow-wrap: anywhere;
      box-decoration-break: clone;
    }
    .saw {
      color: var(--shade);
      font-weight: 600;
    }
    .middle {
      padding: 0 2px;
    }
    .surprise {
      display: flex;
      align-items: center;
      gap: 8px;
    }
    .bar {
      width: 120px;
      height: 5px;
      border-radius: 3px;
      background: var(--surface);
    }
    .bar span {
      display: block;
      height: 100%;
      border-radius: 3px;
      background: var(--shade);
    }
    @media (max-width: 719px) {
      :host {
        padding: 5px 12px 8px 9px;
      }
      .line {
        grid-template-columns: auto 1fr;
      }
      .line code {
        grid-column: span 2;
      }
      .told {
        margin-left: 0;
      }
    }
  `,
})
export class AbnormalLine {
  readonly line = input.required<AnomalyLine>();
  /** Nats at which the bar is full. */
  readonly mostSurprise = input.required<number>();
  protected readonly expected = computed(() => this.line().expected.slice(0, SHOWN_EXPECTATIONS));
  protected readonly share = computed(() =>
    Math.min(100, (100 * (this.line().surprise ?? 0)) / this.mostSurprise()),
  );
}
