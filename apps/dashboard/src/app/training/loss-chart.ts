import { Component, computed, inject, input } from '@angular/core';
import type { EpochLoss } from '@logbert/contracts';
import { Chart } from '../charts/chart';
import { ChartPalette } from '../charts/chart-palette';
import { formatMeasure } from '../figures/figures';
import { buildLossOption } from './loss-option';

@Component({
  selector: 'app-loss-chart',
  imports: [Chart],
  template: `<app-chart [option]="option()" [label]="label()" />`,
  styles: `
    :host {
      display: block;
      height: 220px;
    }
  `,
})
export class LossChart {
  private readonly palette = inject(ChartPalette);
  readonly history = input.required<readonly EpochLoss[]>();
  readonly epochs = input.required<number>();

  protected readonly option = computed(() =>
    buildLossOption(this.history(), this.epochs(), this.palette.colours()),
  );
  protected readonly label = computed(() => {
    const last = this.history().at(-1);
    if (last === undefined) return 'Loss curve: no epoch is finished';
    const validation =
      last.validationLoss === null ? '' : `, validation ${formatMeasure(last.validationLoss)}`;
    return `Loss curve: ${formatMeasure(last.loss)} nats after epoch ${last.epoch}${validation}`;
  });
}
