import { Component, computed, inject, input, output } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { MatProgressBarModule } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import { type TrainingJob, trainingStageSchema } from '@logbert/contracts';
import { Clock } from '../figures/clock';
import { AgePipe, CountPipe, DurationPipe, MeasurePipe, SharePipe } from '../figures/figure-pipes';
import { isUnderWay } from '../live/live-training';
import { earlyStopText } from './early-stop';
import { LossChart } from './loss-chart';
import { textOf } from './source-text';
import { STAGE_TEXT } from './stage-text';

const STAGES = trainingStageSchema.options.filter(
  (stage) => stage !== 'queued' && stage !== 'done',
);

@Component({
  selector: 'app-job-card',
  imports: [
    AgePipe,
    CountPipe,
    DurationPipe,
    LossChart,
    MatButtonModule,
    MatProgressBarModule,
    MeasurePipe,
    RouterLink,
    SharePipe,
  ],
  templateUrl: './job-card.html',
  styleUrl: './job-card.scss',
})
export class JobCard {
  private readonly clock = inject(Clock);
  readonly job = input.required<TrainingJob>();
  readonly cancelled = output();

  protected readonly stages = STAGES;
  protected readonly stageText = STAGE_TEXT;
  protected readonly nowMs = this.clock.nowMs;
  protected readonly isUnderWay = computed(() => isUnderWay(this.job()));
  protected readonly source = computed(() => textOf(this.job().request.source));
  protected readonly stageIndex = computed(() => {
    const { stage } = this.job().progress;
    if (stage === 'done') return STAGES.length;
    return STAGES.findIndex((known) => known === stage);
  });
  protected readonly earlyStop = computed(() => earlyStopText(this.job()));
  protected readonly tookMs = computed(() => {
    const { startedAt, finishedAt } = this.job();
    if (startedAt === null) return null;
    return Math.max(0, (finishedAt ?? this.nowMs()) - startedAt);
  });
}
