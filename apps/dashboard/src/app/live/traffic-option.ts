import type { AnomalyHead, Incident, Throughput } from '@logbert/contracts';
import type { ChartOption } from '../charts/chart';
import type { Palette } from '../charts/chart-palette';
import { formatClock, formatMeasure, formatPValue } from '../figures/figures';
import { evidenceOf, TRAFFIC_WINDOW_MS } from './traffic-window';

export interface Traffic {
  readonly samples: readonly Throughput[];
  readonly anomalies: readonly AnomalyHead[];
  readonly incidents: readonly Incident[];
  readonly nowMs: number;
}

/** Lines per second above, anomalies by their evidence below, incidents as bands behind both. */
export function buildTrafficOption(traffic: Traffic, palette: Palette): ChartOption {
  const from = traffic.nowMs - TRAFFIC_WINDOW_MS;
  const axis = {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.quiet, fontSize: 11, fontFamily: palette.sans },
    splitLine: { lineStyle: { color: palette.line } },
  };
  const time = { type: 'time' as const, min: from, max: traffic.nowMs, ...axis };
  const seen = traffic.anomalies.filter(({ lastAt }) => lastAt >= from);
  const frame = { left: 48, right: 16, outerBoundsMode: 'none' as const };
  const severityOf = new Map(traffic.incidents.map(({ id, severity }) => [id, severity]));

  return {
    animation: false,
    textStyle: { fontFamily: palette.sans },
    grid: [
      { ...frame, top: 24, height: '46%' },
      { ...frame, bottom: 26, height: '25%' },
    ],
    tooltip: {
      trigger: 'item',
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.ink, fontSize: 12, fontFamily: palette.sans },
    },
    xAxis: [
      { ...time, gridIndex: 0, axisLabel: { show: false }, splitLine: { show: false } },
      {
        ...time,
        gridIndex: 1,
        splitLine: { show: false },
        axisLabel: { ...axis.axisLabel, hideOverlap: true },
      },
    ],
    yAxis: [
      {
        ...axis,
        type: 'value',
        gridIndex: 0,
        name: 'lines/s',
        nameLocation: 'end',
        nameGap: 8,
        nameTextStyle: {
          color: palette.quiet,
          fontSize: 11,
          align: 'left',
          padding: [0, 0, 0, -4],
        },
        min: 0,
        splitNumber: 3,
        axisLine: { show: false },
      },
      {
        ...axis,
        type: 'value',
        gridIndex: 1,
        name: 'evidence',
        nameLocation: 'end',
        nameGap: 6,
        nameTextStyle: {
          color: palette.quiet,
          fontSize: 11,
          align: 'left',
          padding: [0, 0, 0, -4],
        },
        min: 0,
        max: 12,
        interval: 6,
        axisLine: { show: false },
      },
    ],
    series: [
      {
        type: 'line',
        name: 'lines per second',
        xAxisIndex: 0,
        yAxisIndex: 0,
        showSymbol: false,
        symbolSize: 5,
        lineStyle: { color: palette.accent, width: 1.6 },
        itemStyle: { color: palette.accent },
        areaStyle: { color: palette.accent, opacity: 0.1 },
        data: traffic.samples.map(({ at, linesPerSecond }) => [at, linesPerSecond]),
        tooltip: { valueFormatter: (value) => `${formatMeasure(Number(value))} lines/s` },
        markArea: {
          silent: true,
          data: traffic.incidents
            .filter(({ lastSeenAt, closedAt }) => (closedAt ?? lastSeenAt) >= from)
            .map((incident) => [
              {
                xAxis: Math.max(from, incident.openedAt),
                itemStyle: { color: palette[incident.severity], opacity: 0.18 },
              },
              { xAxis: Math.max(incident.lastSeenAt, incident.openedAt + 2_000) },
            ]),
        },
      },
      {
        type: 'scatter',
        name: 'anomalies',
        xAxisIndex: 1,
        yAxisIndex: 1,
        symbolSize: 8,
        data: seen.map((anomaly) => {
          const severity =
            anomaly.incidentId === null ? undefined : severityOf.get(anomaly.incidentId);
          return {
            value: [anomaly.lastAt, evidenceOf(anomaly.pValue)],
            name: `${formatClock(anomaly.lastAt)} · ${anomaly.services.join(', ')}<br>${anomaly.decidingChannel}, p = ${formatPValue(anomaly.pValue)}`,
            itemStyle: {
              color: severity === undefined ? palette.quiet : palette[severity],
              opacity: 0.85,
            },
          };
        }),
        tooltip: { formatter: '{b}' },
      },
    ],
  };
}
