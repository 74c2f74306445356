import { httpResource } from '@angular/common/http';
import { Component, computed, input, signal } from '@angular/core';
import { MatButtonToggleModule } from '@angular/material/button-toggle';
import {
  anomalySchema,
  type AnomalyState,
  type AnomalyVerdict,
  ROUTES,
  type Severity,
} from '@logbert/contracts';
import { urlOf } from '../doors/url-of';
import { ClockPipe, SharePipe } from '../figures/figure-pipes';
import { Icon } from '../icons/icon';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { AbnormalLine } from './abnormal-line';
import { ChannelTable } from './channel-table';
import { FeedbackButtons } from './feedback-buttons';
import { earlySentence } from './open-words';
import { describeRate } from './rate-text';
import { tell, tellOddestFirst } from './told-lines';
import { verdictSentence } from './verdict-words';

/** One anomaly whole: its lines in their context, what is missing, how each channel judged. */
@Component({
  selector: 'app-anomaly-panel',
  imports: [
    AbnormalLine,
    ChannelTable,
    ClockPipe,
    FeedbackButtons,
    Icon,
    LoadingLines,
    MatButtonToggleModule,
    ProblemNotice,
    SharePipe,
  ],
  templateUrl: './anomaly-panel.html',
  styleUrl: './anomaly-panel.scss',
})
export class AnomalyPanel {
  readonly id = input.required<string>();
  readonly severity = input.required<Severity>();
  readonly verdict = input.required<AnomalyVerdict>();

  /** Read again when it changes: a closed session has more lines. */
  readonly state = input.required<AnomalyState>();

  protected readonly read = httpResource(
    () => {
      this.state();
      // An object, since an equal address would not be read again.
      return { url: urlOf(ROUTES.anomaly, { id: this.id() }) };
    },
    { parse: anomalySchema.parse },
  );
  protected readonly early = computed(() =>
    this.read.hasValue() ? earlySentence(this.read.value()) : undefined,
  );
  protected readonly describeRate = describeRate;
  protected readonly sentence = computed(() => verdictSentence(this.verdict()));
  protected readonly isWhole = signal(false);
  protected readonly order = signal<'time' | 'oddity'>('time');
  protected readonly told = computed(() => {
    if (!this.read.hasValue()) return [];
    const anomaly = this.read.value();
    return this.order() === 'time' ? tell(anomaly, this.isWhole()) : tellOddestFirst(anomaly);
  });
  protected readonly mostSurprise = computed(() => {
    const lines = this.read.hasValue() ? this.read.value().lines : [];
    return Math.max(5, ...lines.map(({ surprise }) => surprise ?? 0));
  });
  protected readonly hasGaps = computed(() => this.told().some(({ kind }) => kind === 'gap'));
}
