import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { MatButtonModule } from '@angular/material/button';
import { MatButtonToggleModule } from '@angular/material/button-toggle';
import { MatFormFieldModule } from '@angular/material/form-field';
import { MatInputModule } from '@angular/material/input';
import { MatSelectModule } from '@angular/material/select';
import { RouterLink } from '@angular/router';
import { httpResource } from '@angular/common/http';
import { ROUTES, type Severity, severitySchema } from '@logbert/contracts';
import { incidentPageSchema, streamPageSchema } from '../doors/page-schemas';
import { pagedList } from '../doors/paged-list';
import { urlOf } from '../doors/url-of';
import { Clock } from '../figures/clock';
import { AgePipe, CountPipe, DurationPipe, PValuePipe } from '../figures/figure-pipes';
import { LiveIncidents } from '../live/live-incidents';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { CauseText } from './cause-text';
import { isAskedFor, type StateFilter, withNews } from './incident-filter';
import { SeverityMark } from './severity-mark';
import { retractedWords } from './verdict-words';

@Component({
  selector: 'app-incidents-page',
  imports: [
    AgePipe,
    CauseText,
    CountPipe,
    DurationPipe,
    EmptyNotice,
    FormsModule,
    LoadingLines,
    MatButtonModule,
    MatButtonToggleModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemNotice,
    PValuePipe,
    RouterLink,
    SeverityMark,
  ],
  templateUrl: './incidents-page.html',
  styleUrl: './incidents-page.scss',
})
export class IncidentsPage {
  protected readonly clock = inject(Clock);
  protected readonly retractedWords = retractedWords;
  private readonly live = inject(LiveIncidents);

  /** From the address: `?state=open`. */
  readonly state = input<string>();
  protected readonly chosenState = linkedSignal<StateFilter>(() => {
    const asked = this.state();
    return asked === 'open' || asked === 'closed' ? asked : 'all';
  });
  protected readonly stream = signal<string | undefined>(undefined);
  protected readonly severity = signal<Severity | undefined>(undefined);
  protected readonly text = signal('');
  protected readonly severities = [...severitySchema.options].reverse();

  private readonly streams = httpResource(() => ROUTES.streams, { parse: streamPageSchema.parse });
  protected readonly streamNames = computed(() =>
    this.streams.hasValue() ? this.streams.value().items.map(({ name }) => name) : [],
  );
  protected readonly list = pagedList(() => {
    const state = this.chosenState();
    return urlOf(
      ROUTES.incidents,
      {},
      { state: state === 'all' ? undefined : state, stream: this.stream(), limit: 50 },
    );
  }, incidentPageSchema.parse);

  protected readonly shown = computed(() => {
    const filter = {
      state: this.chosenState(),
      stream: this.stream(),
      severity: this.severity(),
      text: this.text(),
    };
    return withNews(this.list.items(), this.live.newestFirst(), !this.list.hasMore()).filter(
      (incident) => isAskedFor(incident, filter),
    );
  });
  protected readonly isFiltered = computed(
    () =>
      this.chosenState() !== 'all' ||
      this.stream() !== undefined ||
      this.severity() !== undefined ||
      this.text() !== '',
  );

  protected clear(): void {
    this.chosenState.set('all');
    this.stream.set(undefined);
    this.severity.set(undefined);
    this.text.set('');
  }
}
