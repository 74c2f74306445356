import type { EpochLoss } from '@logbert/contracts';
import type { ChartOption } from '../charts/chart';
import type { Palette } from '../charts/chart-palette';
import { formatMeasure } from '../figures/figures';

/** Training and validation loss by epoch; the axis reaches to the last epoch planned. */
export function buildLossOption(
  history: readonly EpochLoss[],
  epochs: number,
  palette: Palette,
): ChartOption {
  const axis = {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.quiet, fontSize: 11, fontFamily: palette.sans },
    splitLine: { lineStyle: { color: palette.line } },
    nameTextStyle: { color: palette.quiet, fontSize: 11 },
  };
  const series = (name: string, color: string, points: readonly [number, number][]) => ({
    type: 'line' as const,
    name,
    data: points.map((point) => [...point]),
    symbol: 'circle',
    symbolSize: 5,
    showSymbol: points.length < 40,
    lineStyle: { color, width: 1.8 },
    itemStyle: { color },
    tooltip: { valueFormatter: (value: unknown) => `${formatMeasure(Number(value))} nats` },
  });
  return {
    animation: false,
    textStyle: { fontFamily: palette.sans },
    grid: { left: 48, right: 20, top: 32, bottom: 40 },
    legend: {
      top: 0,
      right: 12,
      icon: 'circle',
      itemWidth: 8,
      itemHeight: 8,
      textStyle: { color: palette.quiet, fontSize: 12, fontFamily: palette.sans },
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.ink, fontSize: 12, fontFamily: palette.sans },
    },
    xAxis: {
      ...axis,
      type: 'value',
      name: 'epoch',
      nameLocation: 'middle',
      nameGap: 24,
      min: 1,
      max: Math.max(2, epochs, history.at(-1)?.epoch ?? 0),
      minInterval: 1,
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      type: 'value',
      name: 'loss, nats a key',
      nameTextStyle: { ...axis.nameTextStyle, align: 'left', padding: [0, 0, 0, -36] },
      scale: true,
      splitNumber: 4,
      axisLine: { show: false },
    },
    series: [
      series(
        'training',
        palette.accent,
        history.map(({ epoch, loss }) => [epoch, loss]),
      ),
      series(
        'validation',
        palette.high,
        history.flatMap(({ epoch, validationLoss }) =>
          validationLoss === null ? [] : [[epoch, validationLoss] as [number, number]],
        ),
      ),
    ],
  };
}
