import { HttpClient } from '@angular/common/http';
import { Component, inject, input, linkedSignal, output, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { ROUTES, type Stream, streamSchema, streamSettingsSchema } from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { urlOf } from '../doors/url-of';
import { ProblemNotice } from '../notices/problem-notice';

/** The settings of a stream as JSON, checked by the contract before they are sent. */
@Component({
  selector: 'app-settings-form',
  imports: [FormsModule, MatButtonModule, MatFormFieldModule, MatInputModule, ProblemNotice],
  template: `
    <form (ngSubmit)="save()">
      <mat-form-field appearance="outline" subscriptSizing="dynamic">
        <mat-label>Settings, JSON</mat-label>
        <textarea
          matInput
          class="mono"
          name="settings"
          rows="14"
          spellcheck="false"
          [(ngModel)]="text"
        ></textarea>
      </mat-form-field>
      @if (faults().length > 0) {
        <ul role="alert">
          @for (fault of faults(); track $index) {
            <li>{{ fault }}</li>
          }
        </ul>
      }
      @if (failure(); as error) {
        <app-problem-notice [error]="error" [isRetriable]="false" />
      }
      <p class="quiet">
        New settings are used from the next line on; a new window or session key asks for a new
        training.
      </p>
      <div class="buttons">
        <button mat-flat-button type="submit" [disabled]="isSaving()">Save</button>
        <button mat-button type="button" (click)="closed.emit(undefined)">Cancel</button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      gap: 10px;
    }
    ul {
      color: var(--critical);
    }
    .buttons {
      display: flex;
      gap: 8px;
    }
  `,
})
export class SettingsForm {
  private readonly http = inject(HttpClient);
  readonly stream = input.required<Stream>();
  /** The stream as it is now, or undefined when nothing was changed. */
  readonly closed = output<Stream | undefined>();

  protected readonly text = linkedSignal(() => JSON.stringify(this.stream().settings, null, 2));
  protected readonly faults = signal<readonly string[]>([]);
  protected readonly failure = signal<unknown>(undefined);
  protected readonly isSaving = signal(false);

  protected async save(): Promise<void> {
    this.failure.set(undefined);
    const settings = this.checked();
    if (settings === undefined) return;
    this.isSaving.set(true);
    try {
      const url = urlOf(ROUTES.stream, { name: this.stream().name });
      this.closed.emit(streamSchema.parse(await firstValueFrom(this.http.put(url, settings))));
    } catch (error) {
      this.failure.set(error);
    } finally {
      this.isSaving.set(false);
    }
  }

  private checked() {
    let value: unknown;
    try {
      value = JSON.parse(this.text());
    } catch (error) {
      this.faults.set([error instanceof Error ? error.message : String(error)]);
      return undefined;
    }
    const answer = streamSettingsSchema.safeParse(value);
    this.faults.set(
      answer.error?.issues.map(
        ({ path, message }) => `${path.join('.') || 'settings'}: ${message}`,
      ) ?? [],
    );
    return answer.data;
  }
}
