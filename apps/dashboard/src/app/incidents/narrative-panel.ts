import { Component, input, output } from '@angular/core';
import type { RootCauseReport } from '@logbert/contracts';
import { Icon } from '../icons/icon';
import { EvidenceLinks } from './evidence-links';

/** The prose of a report, claim by claim, each with what it rests on. */
@Component({
  selector: 'app-narrative-panel',
  imports: [EvidenceLinks, Icon],
  template: `
    @if (report().narrative; as narrative) {
      <div class="prose">
        <h3>What happened</h3>
        <p class="summary">{{ narrative.summary }}</p>
        <p class="quiet">
          {{ narrative.verifiedClaims }} of {{ narrative.totalClaims }} claims verified against the
          evidence · written by {{ narrative.model }}
        </p>
        <ul>
          @for (claim of narrative.claims; track $index) {
            <li [class.unverified]="!claim.isVerified">
              <app-icon [name]="claim.isVerified ? 'check' : 'close'" />
              <div>
                <p>
                  <span class="unseen">{{
                    claim.isVerified ? 'Verified: ' : 'Not verified: '
                  }}</span>
                  {{ claim.text }}
                  <app-evidence-links
                    [ids]="claim.evidenceIds"
                    (chosen)="evidenceChosen.emit($event)"
                  />
                </p>
                @if (!claim.isVerified && claim.reason) {
                  <p class="reason">Not verified: {{ claim.reason }}</p>
                }
              </div>
            </li>
          }
        </ul>
        @if (narrative.nextSteps.length > 0) {
          <h3>What to do next</h3>
          <ol>
            @for (step of narrative.nextSteps; track $index) {
              <li>{{ step }}</li>
            }
          </ol>
        }
      </div>
    } @else if (report().narrativeState === 'pending') {
      <p class="note">The prose is being written.</p>
    } @else if (report().narrativeState === 'failed') {
      <p class="note">
        The language model gave no usable prose{{
          report().narrativeError ? ': ' + report().narrativeError : ''
        }}. Causes and evidence are complete without it.
      </p>
    }
  `,
  styles: `
    .prose,
    .note {
      padding: 12px 16px 16px;
      border-top: 1px solid var(--line);
    }
    .note {
      color: var(--ink-2);
    }
    .summary {
      max-width: 78ch;
      margin: 4px 0;
      font-size: 15px;
      line-height: 23px;
    }
    ul {
      display: grid;
      gap: 7px;
      margin: 10px 0 14px;
    }
    ul li {
      display: flex;
      gap: 8px;
      max-width: 84ch;
    }
    app-icon {
      width: 16px;
      height: 16px;
      margin-top: 2px;
      color: var(--good);
    }
    .unverified p {
      color: var(--ink-2);
    }
    .unverified app-icon {
      color: var(--medium);
    }
    .unverified .reason {
      color: var(--medium);
      font-size: 12.5px;
    }
    @media (max-width: 719px) {
      .prose,
      .note {
        padding: 12px;
      }
    }
    ol {
      display: grid;
      gap: 3px;
      max-width: 84ch;
      margin-top: 4px;
      padding-left: 20px;
      list-style: decimal;
    }
  `,
})
export class NarrativePanel {
  readonly report = input.required<RootCauseReport>();
  readonly evidenceChosen = output<string>();
}
