import { HttpClient } from '@angular/common/http';
import { Component, inject, input, linkedSignal, output, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MatButtonToggleModule } from '@angular/material/button-toggle';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { MatSelectModule } from '@angular/material/select';
import { ROUTES, type TrainingJob, trainingJobSchema, uploadSchema } from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { formatBytes } from '../figures/figures';
import { ProblemNotice } from '../notices/problem-notice';
import { check, EMPTY_DRAFT, type SourceKind, type TrainingDraft } from './training-draft';

@Component({
  selector: 'app-training-form',
  imports: [
    FormsModule,
    MatButtonModule,
    MatButtonToggleModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemNotice,
  ],
  templateUrl: './training-form.html',
  styleUrl: './training-form.scss',
})
export class TrainingForm {
  private readonly http = inject(HttpClient);
  readonly streams = input.required<readonly string[]>();
  readonly started = output<TrainingJob>();

  protected readonly draft = linkedSignal<readonly string[], TrainingDraft>({
    source: this.streams,
    computation: (streams, previous) => {
      const draft = previous?.value ?? EMPTY_DRAFT;
      return draft.stream === '' ? { ...draft, stream: streams[0] ?? '' } : draft;
    },
  });
  protected readonly file = signal<File | undefined>(undefined);
  protected readonly faults = signal<readonly { field: string; reason: string }[]>([]);
  protected readonly failure = signal<unknown>(undefined);
  protected readonly isSending = signal(false);
  protected readonly ranges = [
    { minutes: 10, text: 'Last 10 minutes' },
    { minutes: 60, text: 'Last hour' },
    { minutes: 1_440, text: 'Last 24 hours' },
    { minutes: 10_080, text: 'Last 7 days' },
    { minutes: null, text: 'Between two times' },
  ] as const;
  protected readonly kinds: readonly { kind: SourceKind; text: string }[] = [
    { kind: 'stream', text: 'What the stream received' },
    { kind: 'file', text: 'A file on the server' },
    { kind: 'upload', text: 'An upload' },
  ];
  protected readonly sizes = [
    { name: 'epochs', text: 'Epochs' },
    { name: 'hidden', text: 'Hidden size' },
    { name: 'layers', text: 'Layers' },
    { name: 'heads', text: 'Heads' },
  ] as const;

  protected set(change: Partial<TrainingDraft>): void {
    this.draft.update((draft) => ({ ...draft, ...change }));
  }

  protected setSize(name: 'epochs' | 'hidden' | 'layers' | 'heads', value: number | null): void {
    this.set({ [name]: value });
  }

  protected choose(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement) this.file.set(target.files?.[0]);
  }

  protected bytesOf(file: File): string {
    return formatBytes(file.size);
  }

  protected async submit(): Promise<void> {
    this.faults.set([]);
    this.failure.set(undefined);
    this.isSending.set(true);
    try {
      if (this.draft().kind === 'upload' && !(await this.upload())) return;
      const checked = check(this.draft(), Date.now());
      if ('faults' in checked) {
        this.faults.set(checked.faults);
        return;
      }
      const answer = await firstValueFrom(this.http.post(ROUTES.trainingJobs, checked.request));
      this.started.emit(trainingJobSchema.parse(answer));
    } catch (error) {
      this.failure.set(error);
    } finally {
      this.isSending.set(false);
    }
  }

  /** Whether there was a file to send. */
  private async upload(): Promise<boolean> {
    const file = this.file();
    if (file === undefined) {
      this.faults.set([{ field: 'upload', reason: 'choose a file first' }]);
      return false;
    }
    const headers = { 'Content-Type': 'application/octet-stream' };
    const answer = await firstValueFrom(this.http.post(ROUTES.uploads, file, { headers }));
    this.set({ uploadId: uploadSchema.parse(answer).uploadId });
    return true;
  }
}
