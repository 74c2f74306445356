import { Component, input } from '@angular/core';
import { MatProgressBarModule } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import type { TrainingJob } from '@logbert/contracts';
import { DurationPipe, SharePipe } from '../figures/figure-pipes';
import { STAGE_TEXT } from '../training/stage-text';

@Component({
  selector: 'app-training-banner',
  imports: [DurationPipe, MatProgressBarModule, RouterLink, SharePipe],
  template: `
    <section class="panel" aria-label="Training">
      <p>
        <b>{{ stages[job().progress.stage] }}</b>
        @if (job().progress.stage === 'training') {
          epoch {{ job().progress.epoch }} of {{ job().progress.epochs }}
        }
        <span class="quiet">
          {{ job().progress.share | share }}
          @if (job().progress.etaSeconds; as seconds) {
            · about {{ seconds * 1000 | duration }} left
          }
        </span>
        <a routerLink="/training">Details</a>
      </p>
      <mat-progress-bar aria-label="Training progress" [value]="job().progress.share * 100" />
    </section>
  `,
  styles: `
    section {
      overflow: hidden;
    }
    p {
      display: flex;
      flex-wrap: wrap;
      gap: 2px 10px;
      padding: 9px 16px;
    }
    a {
      margin-left: auto;
    }
  `,
})
export class TrainingBanner {
  readonly job = input.required<TrainingJob>();
  protected readonly stages = STAGE_TEXT;
}
