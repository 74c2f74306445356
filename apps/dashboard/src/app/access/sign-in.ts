import { HttpClient, HttpContext } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { ROUTES } from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { problemOf } from '../doors/problem-of';
import { ApiKey } from './api-key';
import { TRIED_KEY } from './bearer-interceptor';

@Component({
  selector: 'app-sign-in',
  imports: [FormsModule, MatButtonModule, MatFormFieldModule, MatInputModule],
  template: `
    <form class="panel" (ngSubmit)="submit()">
      <h1>API key</h1>
      <p class="quiet">
        This server answers only with a key: one of <code>auth.apiKeys</code> in its configuration.
        The key stays in this tab and is forgotten when the tab closes.
      </p>
      <mat-form-field appearance="outline">
        <mat-label>Key</mat-label>
        <input
          matInput
          name="key"
          type="password"
          autocomplete="current-password"
          required
          [(ngModel)]="key"
        />
      </mat-form-field>
      @if (refusal(); as reason) {
        <p class="refusal" role="alert">{{ reason }}</p>
      }
      <button mat-flat-button type="submit" [disabled]="isTrying() || key().trim() === ''">
        {{ isTrying() ? 'Checking…' : 'Continue' }}
      </button>
    </form>
  `,
  styles: `
    :host {
      display: grid;
      min-height: 70vh;
      padding: 16px;
      place-items: center;
    }
    form {
      display: grid;
      gap: 14px;
      width: min(400px, 100%);
      box-sizing: border-box;
      padding: 24px;
    }
    .refusal {
      color: var(--critical);
    }
  `,
})
export class SignIn {
  private readonly http = inject(HttpClient);
  private readonly apiKey = inject(ApiKey);

  protected readonly key = signal('');
  protected readonly isTrying = signal(false);
  protected readonly refusal = signal<string | null>(null);

  protected async submit(): Promise<void> {
    const key = this.key().trim();
    this.isTrying.set(true);
    this.refusal.set(null);
    try {
      const context = new HttpContext().set(TRIED_KEY, key);
      await firstValueFrom(this.http.get(ROUTES.streams, { context }));
      this.apiKey.accept(key);
    } catch (error) {
      const problem = problemOf(error);
      this.refusal.set(
        problem.status === 401 ? 'The server does not know this key.' : problem.detail,
      );
    } finally {
      this.isTrying.set(false);
    }
  }
}
