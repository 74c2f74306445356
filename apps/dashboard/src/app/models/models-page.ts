import { HttpClient } from '@angular/common/http';
import { Component, computed, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { MatButtonModule } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { type Model, ROUTES } from '@logbert/contracts';
import { firstValueFrom, type Observable } from 'rxjs';
import { modelPageSchema } from '../doors/page-schemas';
import { pagedList } from '../doors/paged-list';
import { urlOf } from '../doors/url-of';
import { Clock } from '../figures/clock';
import { AgePipe, BytesPipe, CountPipe, DurationPipe, MeasurePipe } from '../figures/figure-pipes';
import { LiveEvents } from '../live/live-events';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { groupByStream } from './model-groups';

@Component({
  selector: 'app-models-page',
  imports: [
    AgePipe,
    BytesPipe,
    CountPipe,
    DurationPipe,
    EmptyNotice,
    LoadingLines,
    MatButtonModule,
    MeasurePipe,
    ProblemNotice,
    RouterLink,
  ],
  templateUrl: './models-page.html',
  styles: `
    .active td:first-child {
      box-shadow: inset 3px 0 0 var(--accent);
    }
    .active .chip {
      border-color: transparent;
      background: var(--accent-soft);
      color: var(--accent);
    }
    td:first-child {
      padding-left: 16px;
      white-space: nowrap;
    }
    td b {
      margin-right: 6px;
      font-weight: 650;
    }
    .actions {
      text-align: right;
      white-space: nowrap;
    }
    td {
      white-space: nowrap;
    }
  `,
})
export class ModelsPage {
  private readonly http = inject(HttpClient);
  protected readonly clock = inject(Clock);

  protected readonly list = pagedList(
    () => urlOf(ROUTES.models, {}, { limit: 100 }),
    modelPageSchema.parse,
  );
  protected readonly groups = computed(() => groupByStream(this.list.items()));
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
