import { HttpClient, httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { ROUTES, trainingJobSchema, type TrainingJob } from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { streamPageSchema, trainingJobPageSchema } from '../doors/page-schemas';
import { pagedList } from '../doors/paged-list';
import { urlOf } from '../doors/url-of';
import { LiveEvents } from '../live/live-events';
import { LiveTraining } from '../live/live-training';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { MatButtonModule } from '@angular/material/button';
import { JobCard } from './job-card';
import { TrainingForm } from './training-form';

@Component({
  selector: 'app-training-page',
  imports: [EmptyNotice, JobCard, LoadingLines, MatButtonModule, ProblemNotice, TrainingForm],
  template: `
    <div class="page">
      <div class="page-head"><h1>Training</h1></div>
      @if (failure(); as error) {
        <app-problem-notice [error]="error" [isRetriable]="false" />
      }
      <div class="columns">
        <div class="jobs">
          @if (list.error(); as error) {
            <app-problem-notice [error]="error" (retry)="list.reload()" />
          }
          @for (job of jobs(); track job.id) {
            <app-job-card [job]="job" (cancelled)="cancel(job)" />
          } @empty {
            <div class="panel">
              @if (list.isLoading()) {
                <app-loading-lines />
              } @else if (!list.error()) {
                <app-empty-notice icon="training" heading="Nothing has been trained yet">
                  Choose a stream and the lines to learn from: some minutes of ordinary traffic are
                  enough to begin.
                </app-empty-notice>
              }
            </div>
          }
          @if (list.hasMore()) {
            <button mat-button type="button" (click)="list.readMore()">Show older jobs</button>
          }
        </div>
        <app-training-form [streams]="streamNames()" (started)="training.put($event)" />
      </div>
    </div>
  `,
  styles: `
    .columns {
      display: grid;
      grid-template-columns: minmax(0, 1fr) 360px;
      align-items: start;
      gap: 16px;
    }
    .jobs {
      display: grid;
      gap: 12px;
      min-width: 0;
    }
    @media (max-width: 1023px) {
      .columns {
        grid-template-columns: minmax(0, 1fr);
      }
    }
  `,
})
export class TrainingPage {
  private readonly http = inject(HttpClient);
  private readonly live = inject(LiveEvents);
  protected readonly training = inject(LiveTraining);

  private readonly streams = httpResource(() => ROUTES.streams, { parse: streamPageSchema.parse });
  protected readonly streamNames = computed(() =>
    this.streams.hasValue() ? this.streams.value().items.map(({ name }) => name) : [],
  );
  protected readonly list = pagedList(
    () => urlOf(ROUTES.trainingJobs, {}, { limit: 20 }),
    trainingJobPageSchema.parse,
  );
  protected readonly jobs = computed(() => {
    const byId = new Map(this.list.items().map((job) => [job.id, job]));
    for (const job of this.training.jobs().values()) byId.set(job.id, job);
    return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt);
  });
  protected readonly failure = signal<unknown>(undefined);

  constructor() {
    // After a break of the connection a job may have ended unheard.
    effect(() => {
      if (this.live.openings() > 1) untracked(() => this.list.reload());
    });
  }

  protected async cancel(job: TrainingJob): Promise<void> {
    this.failure.set(undefined);
    try {
      const url = urlOf(ROUTES.trainingJob, { id: job.id });
      const answer = trainingJobSchema.safeParse(await firstValueFrom(this.http.delete(url)));
      if (answer.success) this.training.put(answer.data);
    } catch (error) {
      this.failure.set(error);
    }
  }
}
