import { DOCUMENT } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, computed, inject, linkedSignal, signal } from '@angular/core';
import { MatButtonModule } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { ROUTES, type Stream } from '@logbert/contracts';
import { ApiKey } from '../access/api-key';
import { streamPageSchema } from '../doors/page-schemas';
import { Clock } from '../figures/clock';
import { AgePipe, CountPipe, MeasurePipe, SharePipe } from '../figures/figure-pipes';
import { LiveTraffic } from '../live/live-traffic';
import { EmptyNotice } from '../notices/empty-notice';
import { LoadingLines } from '../notices/loading-lines';
import { ProblemNotice } from '../notices/problem-notice';
import { CopyBlock } from './copy-block';
import { curlFileFor, curlFor } from './sending';
import { SettingsForm } from './settings-form';
import { describeSettings } from './settings-text';
import { describeUntrained } from './untrained-text';

@Component({
  selector: 'app-streams-page',
  imports: [
    AgePipe,
    CopyBlock,
    CountPipe,
    EmptyNotice,
    LoadingLines,
    MatButtonModule,
    MeasurePipe,
    ProblemNotice,
    RouterLink,
    SettingsForm,
    SharePipe,
  ],
  templateUrl: './streams-page.html',
  styleUrl: './streams-page.scss',
})
export class StreamsPage {
  private readonly origin = inject(DOCUMENT).location.origin;
  private readonly apiKey = inject(ApiKey);
  private readonly traffic = inject(LiveTraffic);
  protected readonly clock = inject(Clock);
  protected readonly describe = describeSettings;
  protected readonly describeUntrained = describeUntrained;

  protected readonly read = httpResource(() => ROUTES.streams, { parse: streamPageSchema.parse });
  protected readonly streams = computed(() =>
    this.read.hasValue() ? this.read.value().items : [],
  );
  protected readonly editedName = signal<string | undefined>(undefined);
  /** The stream of the sending examples: the first until one is chosen. */
  protected readonly exampleName = linkedSignal(() => this.streams()[0]?.name ?? 'my-app');
  protected readonly lineCommand = computed(() =>
    curlFor(this.origin, this.exampleName(), this.apiKey.value() !== null),
  );
  protected readonly fileCommand = computed(() =>
    curlFileFor(this.origin, this.exampleName(), this.apiKey.value() !== null),
  );

  protected rateOf(name: string): number | undefined {
    return this.traffic.samples().get(name)?.at(-1)?.linesPerSecond;
  }

  protected finishEdit(changed: Stream | undefined): void {
    this.editedName.set(undefined);
    if (changed !== undefined) this.read.reload();
  }
}
