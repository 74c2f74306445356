import { HttpClient } from '@angular/common/http';
import { Component, inject, input, linkedSignal, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { type Feedback, ROUTES } from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { urlOf } from '../doors/url-of';
import { ProblemNotice } from '../notices/problem-notice';

@Component({
  selector: 'app-feedback-buttons',
  imports: [FormsModule, MatButtonModule, ProblemNotice],
  template: `
    @if (given(); as verdict) {
      <p role="status">
        Thank you: kept as {{ verdict === 'confirmed' ? 'a real anomaly' : 'a false alarm' }}.
        <button mat-button type="button" (click)="given.set(undefined)">Change</button>
      </p>
    } @else {
      <div class="ask">
        <span>Is this a real anomaly?</span>
        <input
          type="text"
          maxlength="2000"
          aria-label="Comment, optional"
          placeholder="Comment, optional"
          [(ngModel)]="comment"
        />
        <span class="buttons">
          <button
            mat-stroked-button
            type="button"
            [disabled]="isSending()"
            (click)="give('confirmed')"
          >
            Yes
          </button>
          <button
            mat-stroked-button
            type="button"
            [disabled]="isSending()"
            (click)="give('false-alarm')"
          >
            False alarm
          </button>
        </span>
      </div>
    }
    @if (failure(); as error) {
      <app-problem-notice [error]="error" [isRetriable]="false" />
    }
  `,
  styles: `
    .ask {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px 12px;
    }
    .buttons {
      display: flex;
      gap: 8px;
    }
    input {
      flex: 1 1 180px;
      min-width: 0;
      max-width: 340px;
      height: 30px;
      box-sizing: border-box;
      padding: 0 10px;
      border: 1px solid var(--line-strong);
      border-radius: 6px;
      background: var(--raised);
      color: var(--ink);
      font: inherit;
    }
    input::placeholder {
      color: var(--ink-3);
    }
  `,
})
export class FeedbackButtons {
  private readonly http = inject(HttpClient);
  readonly anomalyId = input.required<string>();

  protected readonly given = linkedSignal<string, Feedback['verdict'] | undefined>({
    source: this.anomalyId,
    computation: () => undefined,
  });
  protected readonly comment = signal('');
  protected readonly isSending = signal(false);
  protected readonly failure = signal<unknown>(undefined);

  protected async give(verdict: Feedback['verdict']): Promise<void> {
    const feedback: Feedback = { verdict, comment: this.comment().trim() };
    this.isSending.set(true);
    this.failure.set(undefined);
    try {
      const url = urlOf(ROUTES.anomalyFeedback, { id: this.anomalyId() });
      await firstValueFrom(this.http.post(url, feedback));
      this.given.set(verdict);
    } catch (error) {
      this.failure.set(error);
    } finally {
      this.isSending.set(false);
    }
  }
}
