import { DatePipe } from '@angular/common';
import { HttpClient, httpResource } from '@angular/common/http';
import { Component, computed, effect, inject, input, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { MatButtonModule } from '@angular/material/button';
import { Title } from '@angular/platform-browser';
import { RouterLink } from '@angular/router';
import {
  incidentSchema,
  type IncidentPatch,
  rootCauseReportSchema,
  ROUTES,
} from '@logbert/contracts';
import { firstValueFrom } from 'rxjs';
import { anomalyHeadPageSchema } from '../doors/page-schemas';
import { pagedList } from '../doors/paged-list';
import { problemOf } from '../doors/problem-of';
import { urlOf } from '../doors/url-of';
import { Clock } from '../figures/clock';
import { AgePipe, CountPipe, DurationPipe, PValuePipe } from '../figures/figure-pipes';
import { Icon } from '../icons/icon';
import { LiveEvents } from '../live/live-events';
import { LiveIncidents } from '../live/live-incidents';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { AnomalyList } from './anomaly-list';
import { CauseList } from './cause-list';
import { EvidenceList } from './evidence-list';
import { IncidentSide } from './incident-side';
import { NarrativePanel } from './narrative-panel';
import { SeverityMark } from './severity-mark';
import { isTakenBack, retractedWords, takenBackSentence } from './verdict-words';

@Component({
  selector: 'app-incident-page',
  imports: [
    AgePipe,
    AnomalyList,
    CauseList,
    CountPipe,
    DatePipe,
    DurationPipe,
    EmptyNotice,
    EvidenceList,
    Icon,
    IncidentSide,
    LoadingLines,
    MatButtonModule,
    NarrativePanel,
    ProblemNotice,
    PValuePipe,
    RouterLink,
    SeverityMark,
  ],
  templateUrl: './incident-page.html',
  styleUrl: './incident-page.scss',
})
export class IncidentPage {
  private readonly http = inject(HttpClient);
  private readonly live = inject(LiveIncidents);
  private readonly title = inject(Title);
  protected readonly clock = inject(Clock);
  protected readonly isTakenBack = isTakenBack;
  protected readonly retractedWords = retractedWords;
  protected readonly takenBackSentence = takenBackSentence;

  readonly id = input.required<string>();

  protected readonly read = httpResource(() => urlOf(ROUTES.incident, { id: this.id() }), {
    parse: incidentSchema.parse,
  });
  protected readonly report = httpResource(
    () => urlOf(ROUTES.incidentRootCause, { id: this.id() }),
    { parse: rootCauseReportSchema.parse },
  );
  protected readonly anomalies = pagedList(
    () => urlOf(ROUTES.anomalies, {}, { incidentId: this.id(), view: 'head', limit: 50 }),
    anomalyHeadPageSchema.parse,
  );

  /** What the event stream told last, or else what was read. */
  protected readonly incident = computed(
    () => this.live.get(this.id()) ?? (this.read.hasValue() ? this.read.value() : undefined),
  );
  /** Whether the report is not there yet, which is no error. */
  protected readonly isReportAwaited = computed(() => {
    const error = this.report.error();
    return error !== undefined && problemOf(error).status === 404;
  });
  protected readonly actionError = signal<unknown>(undefined);
  protected readonly isActing = signal(false);
  protected readonly openEvidence = signal<string | undefined>(undefined);

  constructor() {
    inject(LiveEvents)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => {
        if (event.type === 'root-cause' && event.data.incidentId === this.id()) {
          this.report.reload();
        }
        if (event.type === 'incident' && event.data.id === this.id()) this.anomalies.reload();
      });
    effect(() => {
      const incident = this.incident();
      if (incident !== undefined) this.title.setTitle(`${incident.title} · LogBERT`);
    });
  }

  protected async patch(patch: IncidentPatch): Promise<void> {
    await this.act(async () => {
      const answer = await firstValueFrom(
        this.http.patch(urlOf(ROUTES.incident, { id: this.id() }), patch),
      );
      this.live.put(incidentSchema.parse(answer));
    });
  }

  protected async explainAnew(): Promise<void> {
    await this.act(async () => {
      await firstValueFrom(this.http.post(ROUTES.rca, { incidentId: this.id() }));
      this.report.reload();
    });
  }

  private async act(work: () => Promise<void>): Promise<void> {
    this.isActing.set(true);
    this.actionError.set(undefined);
    try {
      await work();
    } catch (error) {
      this.actionError.set(error);
    } finally {
      this.isActing.set(false);
    }
  }
}
