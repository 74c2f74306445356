import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Clock } from '../figures/clock';
import { AgePipe } from '../figures/figure-pipes';
import { CauseText } from '../incidents/cause-text';
import { SeverityMark } from '../incidents/severity-mark';
import { isTakenBack } from '../incidents/verdict-words';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { LiveIncidents } from './live-incidents';

const SHOWN_CLOSED = 8;

@Component({
  selector: 'app-incident-feed',
  imports: [AgePipe, CauseText, EmptyNotice, LoadingLines, ProblemNotice, RouterLink, SeverityMark],
  template: `
    <section class="panel" aria-labelledby="feed-heading">
      <div class="panel-head">
        <h2 id="feed-heading">
          Incidents
          <span class="quiet">{{ counts() }}</span>
        </h2>
        <a routerLink="/incidents">All incidents</a>
      </div>
      @if (shown().length > 0) {
        <ul>
          @for (incident of shown(); track incident.id) {
            <li [class]="incident.severity" [class.closed]="incident.state === 'closed'">
              <a [routerLink]="['/incidents', incident.id]" [attr.data-incident]="incident.id">
                <span class="head">
                  <app-severity-mark [severity]="incident.severity" />
                  @if (incident.state === 'closed') {
                    <span class="quiet">{{ isTakenBack(incident) ? 'taken back' : 'closed' }}</span>
                  } @else if (incident.isAcknowledged) {
                    <span class="quiet">acknowledged</span>
                  }
                  <span class="age">{{ incident.lastSeenAt | age: clock.nowMs() }}</span>
                </span>
                <span class="title">{{ incident.title }}</span>
                @if (incident.topCause; as cause) {
                  <span class="cause">
                    Likely cause: <app-cause-text [service]="cause.service" [title]="cause.title" />
                  </span>
                } @else if (incident.state === 'open') {
                  <span class="quiet">Looking for the cause…</span>
                }
              </a>
            </li>
          }
        </ul>
      } @else if (live.error(); as error) {
        <div class="panel-body">
          <app-problem-notice [error]="error" (retry)="live.load()" />
        </div>
      } @else if (live.isLoaded()) {
        <app-empty-notice heading="Nothing is wrong">
          No incident is open. New ones appear here and as a popup.
        </app-empty-notice>
      } @else {
        <app-loading-lines />
      }
    </section>
  `,
  styles: `
    li {
      border-top: 1px solid var(--line);
    }
    li a {
      position: relative;
      display: grid;
      gap: 3px;
      padding: 10px 16px 11px;
      color: inherit;
      text-decoration: none;
    }
    li a::before {
      position: absolute;
      inset: 10px auto 10px 0;
      width: 3px;
      border-radius: 0 3px 3px 0;
      background: var(--shade, transparent);
      content: '';
    }
    li a:hover {
      background: var(--sunken);
    }
    .low {
      --shade: var(--low);
    }
    .medium {
      --shade: var(--medium);
    }
    .high {
      --shade: var(--high);
    }
    .critical {
      --shade: var(--critical);
    }
    .closed {
      --shade: transparent;
    }
    .closed .title {
      color: var(--ink-2);
      font-weight: 450;
    }
    .head {
      display: flex;
      align-items: center;
      gap: 8px;
      font-size: 12px;
      line-height: 18px;
    }
    .age {
      margin-left: auto;
      color: var(--ink-3);
    }
    .title,
    .cause {
      display: -webkit-box;
      overflow: hidden;
      overflow-wrap: anywhere;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 2;
    }
    .title {
      font-weight: 560;
    }
    .cause {
      color: var(--ink-2);
      font-size: 13px;
      line-height: 18px;
    }
  `,
})
export class IncidentFeed {
  protected readonly clock = inject(Clock);
  protected readonly isTakenBack = isTakenBack;
  protected readonly live = inject(LiveIncidents);
  private readonly closed = computed(() => this.live.recentlyClosed().slice(0, SHOWN_CLOSED));
  protected readonly shown = computed(() => [...this.live.open(), ...this.closed()]);
  protected readonly counts = computed(() => {
    const open = `${this.live.open().length} open`;
    return this.closed().length === 0 ? open : `${open}, ${this.closed().length} closed`;
  });
}
