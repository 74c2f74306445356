import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Evidence, Incident } from '@logbert/contracts';
import { CountPipe, DurationPipe, SharePipe } from '../figures/figure-pipes';
import { LiveIncidents } from '../live/live-incidents';
import { serviceOrderOf } from './service-order';

/** What surrounds the cause: services in order, guilty templates, similar incidents. */
@Component({
  selector: 'app-incident-side',
  imports: [CountPipe, DurationPipe, RouterLink, SharePipe],
  template: `
    <section class="panel" aria-labelledby="services-heading">
      <div class="panel-head"><h2 id="services-heading">Services, in order</h2></div>
      <ol class="panel-body services">
        @for (step of steps(); track step.service) {
          <li>
            <span class="dot" aria-hidden="true"></span>
            {{ step.service }}
            @if (step.afterMs !== null) {
              <span class="quiet">
                {{ $first ? 'first' : '+ ' + (step.afterMs | duration) }}
              </span>
            }
          </li>
        }
      </ol>
    </section>

    @if (incident().culprits.length > 0) {
      <section class="panel" aria-labelledby="culprits-heading">
        <div class="panel-head"><h2 id="culprits-heading">Templates at fault</h2></div>
        <ul class="panel-body culprits">
          @for (culprit of incident().culprits; track $index) {
            <li>
              <code>{{ culprit.template }}</code>
              <span class="quiet">
                {{ culprit.service ?? 'service unknown' }} ·
                {{ culprit.isMissing ? 'missing from' : 'odd in' }} {{ culprit.count | count }}
                {{ culprit.count === 1 ? 'window' : 'windows' }}
              </span>
            </li>
          }
        </ul>
      </section>
    }

    <section class="panel" aria-labelledby="similar-heading">
      <div class="panel-head"><h2 id="similar-heading">Similar incidents</h2></div>
      <ul class="panel-body similars">
        @for (similar of incident().similar; track similar.incidentId) {
          <li>
            <a [routerLink]="['/incidents', similar.incidentId]">
              {{ titleOf(similar.incidentId) }}
            </a>
            <span class="quiet">{{ similar.similarity | share }} alike</span>
          </li>
        } @empty {
          <li class="quiet">None so far: this is the first of its kind.</li>
        }
      </ul>
    </section>
  `,
  styles: `
    :host {
      display: grid;
      gap: 16px;
    }
    .services li {
      position: relative;
      display: flex;
      justify-content: space-between;
      gap: 12px;
      padding: 4px 0 4px 22px;
      font-weight: 500;
    }
    .services .quiet {
      font-weight: 400;
    }
    .services li::before {
      position: absolute;
      top: 0;
      bottom: 0;
      left: 4px;
      width: 2px;
      background: var(--line);
      content: '';
    }
    .services li:first-child::before {
      top: 50%;
    }
    .services li:last-child::before {
      bottom: 50%;
    }
    .dot {
      position: absolute;
      top: 9px;
      left: 0;
      width: 10px;
      height: 10px;
      box-sizing: border-box;
      border: 2px solid var(--line-strong);
      border-radius: 50%;
      background: var(--surface);
    }
    .services li:first-child .dot {
      border-color: var(--accent);
      background: var(--accent);
    }
    .culprits li {
      display: grid;
      gap: 2px;
    }
    .culprits li + li {
      margin-top: 10px;
    }
    .culprits .quiet {
      font-size: 12.5px;
    }
    code {
      overflow-wrap: anywhere;
    }
    .similars li {
      display: flex;
      justify-content: space-between;
      gap: 16px;
      padding: 3px 0;
      overflow-wrap: anywhere;
    }
    .similars .quiet {
      flex: none;
    }
  `,
})
export class IncidentSide {
  readonly incident = input.required<Incident>();
  readonly evidence = input.required<readonly Evidence[]>();
  private readonly known = inject(LiveIncidents);
  protected readonly steps = computed(() => serviceOrderOf(this.incident(), this.evidence()));

  /** An incident too old to be at hand is named by the beginning of its id. */
  protected titleOf(id: string): string {
    return this.known.get(id)?.title ?? id.slice(0, 8);
  }
}
