import { Component, computed, input, output } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { problemOf } from '../doors/problem-of';
import { Icon } from '../icons/icon';

/** What went wrong and what to do, in the place of what could not be shown. */
@Component({
  selector: 'app-problem-notice',
  imports: [MatButtonModule, Icon],
  template: `
    <div role="alert">
      <app-icon name="incidents" />
      <div>
        <h3>{{ problem().title }}</h3>
        <p>{{ problem().detail }}</p>
        @if (problem().errors.length > 0) {
          <ul>
            @for (error of problem().errors; track $index) {
              <li>
                <code>{{ error.field }}</code> {{ error.reason }}
              </li>
            }
          </ul>
        }
        @if (isRetriable()) {
          <button mat-button type="button" (click)="retry.emit()">Try again</button>
        }
      </div>
    </div>
  `,
  styles: `
    :host {
      display: block;
    }
    [role='alert'] {
      display: flex;
      gap: 12px;
      padding: 12px 16px;
      border: 1px solid var(--critical);
      border-radius: var(--radius);
      background: var(--critical-soft);
    }
    app-icon {
      color: var(--critical);
    }
    p,
    li {
      margin-top: 4px;
      color: var(--ink-2);
      overflow-wrap: anywhere;
    }
    button {
      margin: 8px 0 0 -10px;
    }
  `,
})
export class ProblemNotice {
  readonly error = input.required<unknown>();
  readonly isRetriable = input(true);
  readonly retry = output();
  protected readonly problem = computed(() => problemOf(this.error()));
}
