import { HttpClient, httpResource } from '@angular/common/http';
import { Component, computed, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { MatButtonModule } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { type Model, ROUTES } from '@logbert/contracts';
import { firstValueFrom, type Observable } from 'rxjs';
import { modelPageSchema, streamPageSchema } from '../doors/page-schemas';
import { pagedList } from '../doors/paged-list';
import { urlOf } from '../doors/url-of';
import { Clock } from '../figures/clock';
import { AgePipe, DurationPipe } from '../figures/figure-pipes';
import { LiveEvents } from '../live/live-events';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { MODEL_FIGURES } from './model-figures';
import { groupByStream } from './model-groups';
import { ownSilenceMs } from './own-silence';

@Component({
  selector: 'app-models-page',
  imports: [
    AgePipe,
    DurationPipe,
    EmptyNotice,
    LoadingLines,
    MatButtonModule,
    ProblemNotice,
    RouterLink,
  ],
  templateUrl: './models-page.html',
  styleUrl: './models-page.scss',
})
export class ModelsPage {
  private readonly http = inject(HttpClient);
  protected readonly clock = inject(Clock);
  protected readonly figures = MODEL_FIGURES;

  protected readonly list = pagedList(
    () => urlOf(ROUTES.models, {}, { limit: 100 }),
    modelPageSchema.parse,
  );
  protected readonly groups = computed(() => groupByStream(this.list.items()));
  private readonly streams = httpResource(() => ROUTES.streams, { parse: streamPageSchema.parse });
  /** By stream; where the streams cannot be read, the models are shown without. */
  protected readonly ownSilence = computed(() => {
    const streams = this.streams.hasValue() ? this.streams.value().items : [];
    return new Map(streams.map((stream) => [stream.name, ownSilenceMs(stream)]));
  });
  protected readonly failure = signal<unknown>(undefined);
  protected readonly isActing = signal(false);

  constructor() {
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe(({ type }) => {
        if (type === 'model') this.list.reload();
      });
  }

  protected promote(model: Model): Promise<void> {
    return this.act(this.http.post(urlOf(ROUTES.modelPromote, { id: model.id }), null));
  }

  protected rollBack(stream: string): Promise<void> {
    return this.act(this.http.post(ROUTES.modelRollback, { stream }));
  }

  private async act(answer: Observable<unknown>): Promise<void> {
    this.failure.set(undefined);
    this.isActing.set(true);
    try {
      await firstValueFrom(answer);
      this.list.reload();
    } catch (error) {
      this.failure.set(error);
    } finally {
      this.isActing.set(false);
    }
  }
}
