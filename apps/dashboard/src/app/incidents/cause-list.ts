import { Component, computed, input, output } from '@angular/core';
import type { Cause } from '@logbert/contracts';
import { SharePipe } from '../figures/figure-pipes';
import { EmptyNotice } from '../notices/empty-notice';
import { CauseText } from './cause-text';
import { EvidenceLinks } from './evidence-links';

@Component({
  selector: 'app-cause-list',
  imports: [CauseText, EmptyNotice, EvidenceLinks, SharePipe],
  template: `
    <ol>
      @for (cause of causes(); track cause.rank) {
        <li [class.first]="cause.rank === 1">
          <span class="rank">{{ cause.rank }}</span>
          <div class="what">
            <p><app-cause-text [service]="cause.service" [title]="cause.title" /></p>
            <div class="bar" aria-hidden="true">
              <div [style.width.%]="(cause.score / largest()) * 100"></div>
            </div>
            <app-evidence-links [ids]="cause.evidenceIds" (chosen)="evidenceChosen.emit($event)" />
          </div>
          <span class="score">{{ cause.score | share }}</span>
        </li>
      } @empty {
        <li class="none">
          <app-empty-notice icon="missing" heading="No cause stands out">
            The abnormal lines below are all that is known.
          </app-empty-notice>
        </li>
      }
    </ol>
  `,
  styles: `
    ol {
      padding: 0 16px 8px;
    }
    li {
      display: grid;
      grid-template-columns: 20px minmax(0, 1fr) auto;
      gap: 0 10px;
      padding: 8px 0;
    }
    .none {
      display: block;
    }
    .rank {
      color: var(--ink-3);
      font-weight: 600;
    }
    .first p,
    .first .score {
      font-size: 17px;
      line-height: 24px;
    }
    .first .rank {
      line-height: 24px;
    }
    p {
      overflow-wrap: anywhere;
    }
    b {
      font-weight: 650;
    }
    .bar {
      height: 5px;
      margin: 6px 0 6px;
      border-radius: 3px;
      background: var(--sunken);
    }
    .bar div {
      height: 100%;
      border-radius: 3px;
      background: var(--ink-3);
    }
    .first .bar div {
      background: var(--accent);
    }
    .score {
      font-weight: 600;
    }
    @media (max-width: 719px) {
      ol {
        padding: 0 12px 8px;
      }
    }
  `,
})
export class CauseList {
  readonly causes = input.required<readonly Cause[]>();
  readonly evidenceChosen = output<string>();
  protected readonly largest = computed(() =>
    Math.max(Number.MIN_VALUE, ...this.causes().map(({ score }) => score)),
  );
}
