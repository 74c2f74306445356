import { Component, computed, inject, input } from '@angular/core';
import { Router } from '@angular/router';
import type { AnomalyHead, Incident, Throughput } from '@logbert/contracts';
import { Chart } from '../charts/chart';
import { ChartPalette } from '../charts/chart-palette';
import { Clock } from '../figures/clock';
import { formatMeasure } from '../figures/figures';
import { buildTrafficOption } from './traffic-option';

@Component({
  selector: 'app-traffic-chart',
  imports: [Chart],
  template: `<app-chart [option]="option()" [label]="label()" (picked)="open($event)" />`,
  styles: `
    :host {
      display: block;
      height: 326px;
    }
  `,
})
export class TrafficChart {
  private readonly clock = inject(Clock);
  private readonly palette = inject(ChartPalette);
  private readonly router = inject(Router);

  readonly samples = input.required<readonly Throughput[]>();
  readonly anomalies = input.required<readonly AnomalyHead[]>();
  readonly incidents = input.required<readonly Incident[]>();

  protected readonly option = computed(() =>
    buildTrafficOption(
      {
        samples: this.samples(),
        anomalies: this.anomalies(),
        incidents: this.incidents(),
        nowMs: this.clock.nowMs(),
      },
      this.palette.colours(),
    ),
  );
  protected readonly label = computed(() => {
    const last = this.samples().at(-1);
    const rate =
      last === undefined
        ? 'no lines yet'
        : `${formatMeasure(last.linesPerSecond)} lines per second`;
    return `The last ten minutes: ${rate} now, ${this.anomalies().length} anomalies, ${this.incidents().length} incidents`;
  });

  protected open(incidentId: string): void {
    void this.router.navigate(['/incidents', incidentId]);
  }
}
