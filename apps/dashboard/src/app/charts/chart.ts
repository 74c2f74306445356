import { afterRenderEffect, Component, DestroyRef, ElementRef, inject, input } from '@angular/core';
import {
  LineChart,
  type LineSeriesOption,
  ScatterChart,
  type ScatterSeriesOption,
} from 'echarts/charts';
import {
  AxisPointerComponent,
  GridComponent,
  type GridComponentOption,
  LegendComponent,
  type LegendComponentOption,
  MarkAreaComponent,
  type MarkAreaComponentOption,
  TooltipComponent,
  type TooltipComponentOption,
} from 'echarts/components';
import { type ComposeOption, type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  AxisPointerComponent,
  MarkAreaComponent,
  CanvasRenderer,
]);

export type ChartOption = ComposeOption<
  | LineSeriesOption
  | ScatterSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
  | MarkAreaComponentOption
>;

/** One ECharts picture that follows its option and its own size. */
@Component({
  selector: 'app-chart',
  template: '',
  styles: `
    :host {
      display: block;
      height: 100%;
      min-width: 0;
    }
  `,
  host: { role: 'img', '[attr.aria-label]': 'label()' },
})
export class Chart {
  readonly option = input.required<ChartOption>();
  /** What the picture shows, for those who cannot see it. */
  readonly label = input.required<string>();

  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private chart: ECharts | undefined;

  constructor() {
    const resizing = new ResizeObserver(() => this.chart?.resize());
    afterRenderEffect(() => {
      const option = this.option();
      if (this.chart === undefined) {
        this.chart = init(this.element);
        resizing.observe(this.element);
      }
      this.chart.setOption(option, { replaceMerge: ['series'], lazyUpdate: true });
    });
    inject(DestroyRef).onDestroy(() => {
      resizing.disconnect();
      this.chart?.dispose();
    });
  }
}
