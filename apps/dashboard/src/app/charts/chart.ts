import {
  afterRenderEffect,
  Component,
  DestroyRef,
  ElementRef,
  inject,
  input,
  output,
} from '@angular/core';
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
  CanvasRenderer,
]);

export type ChartOption = ComposeOption<
  | LineSeriesOption
  | ScatterSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
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

  /** Id of the datum that was clicked, where it has one. */
  readonly picked = output<string>();

  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private chart: ECharts | undefined;

  constructor() {
    const resizing = new ResizeObserver(() => this.chart?.resize());
    afterRenderEffect(() => {
      const option = this.option();
      if (this.chart === undefined) {
        this.chart = init(this.element);
        this.chart.on('click', ({ data }) => {
          if (typeof data === 'object' && data !== null && 'id' in data) {
            this.picked.emit(String(data.id));
          }
        });
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
