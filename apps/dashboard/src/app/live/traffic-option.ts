import type { AnomalyHead, Incident, Throughput } from '@logbert/contracts';
import type { ChartOption } from '../charts/chart';
import type { Palette } from '../charts/chart-palette';
import { formatClock, formatMeasure, formatPValue } from '../figures/figures';
import { verdictWord } from '../incidents/verdict-words';
import { lanesOf, MOST_LANES } from './incident-lanes';
import { ceilingOf, evidenceOf, smooth, TRAFFIC_WINDOW_MS } from './traffic-window';

export interface Traffic {
  readonly samples: readonly Throughput[];
  readonly anomalies: readonly AnomalyHead[];
  readonly incidents: readonly Incident[];
  readonly nowMs: number;
}

const LEAST_EVIDENCE = 6;

/** Three pictures over one time: lines per second, incidents as bars in lanes, anomalies by evidence. */
export function buildTrafficOption(traffic: Traffic, palette: Palette): ChartOption {
  const fromMs = traffic.nowMs - TRAFFIC_WINDOW_MS;
  const samples = smooth(traffic.samples);
  const anomalies = traffic.anomalies.filter(({ lastAt }) => lastAt >= fromMs);
  return {
    animation: false,
    textStyle: { fontFamily: palette.sans },
    tooltip: {
      trigger: 'item',
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.ink, fontSize: 12, fontFamily: palette.sans },
    },
    ...buildAxes({ fromMs, nowMs: traffic.nowMs, samples, anomalies }, palette),
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
        data: samples.map(({ at, linesPerSecond }) => [at, linesPerSecond]),
        tooltip: { valueFormatter: (value) => `${formatMeasure(Number(value))} lines/s` },
      },
      ...buildLanes(traffic, fromMs, palette),
      {
        type: 'scatter',
        name: 'anomalies',
        xAxisIndex: 2,
        yAxisIndex: 2,
        symbolSize: 7,
        data: buildPoints(anomalies, traffic.incidents, palette),
        tooltip: { formatter: '{b}' },
      },
    ],
  };
}

function buildAxes(
  { fromMs, nowMs, samples, anomalies }: Omit<Traffic, 'incidents'> & { readonly fromMs: number },
  palette: Palette,
): Pick<ChartOption, 'grid' | 'xAxis' | 'yAxis'> {
  const frame = { left: 48, right: 16, outerBoundsMode: 'none' as const };
  const label = { color: palette.quiet, fontSize: 11, fontFamily: palette.sans };
  const time = {
    type: 'time' as const,
    min: fromMs,
    max: nowMs,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    splitLine: { show: false },
  };
  const bare = { axisLabel: { show: false }, axisLine: { show: false } };
  const value = {
    type: 'value' as const,
    min: 0,
    nameLocation: 'end' as const,
    nameGap: 7,
    nameTextStyle: { ...label, align: 'left' as const, padding: [0, 0, 0, -4] },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: label,
    splitLine: { lineStyle: { color: palette.line } },
  };
  const ceiling = ceilingOf(samples);
  const most = Math.max(LEAST_EVIDENCE, ...anomalies.map(({ pValue }) => evidenceOf(pValue)));
  const top = Math.ceil(most / 2) * 2;
  return {
    grid: [
      { ...frame, top: 24, height: 116 },
      { ...frame, top: 166, height: 38 },
      { ...frame, top: 232, height: 62 },
    ],
    xAxis: [
      { ...time, gridIndex: 0, axisLabel: { show: false } },
      { ...time, ...bare, gridIndex: 1 },
      { ...time, gridIndex: 2, axisLabel: { ...label, hideOverlap: true } },
    ],
    yAxis: [
      {
        ...value,
        gridIndex: 0,
        name: 'lines/s',
        splitNumber: 3,
        ...(ceiling === undefined ? {} : { max: roundUp(ceiling) }),
      },
      {
        ...value,
        ...bare,
        gridIndex: 1,
        name: 'incidents',
        min: -0.5,
        max: MOST_LANES - 0.5,
        interval: MOST_LANES,
        splitLine: { show: false },
      },
      { ...value, gridIndex: 2, name: 'evidence, −log₁₀ p', max: top, interval: top / 2 },
    ],
  };
}

/** A bar a severity and lane entry, and a point at its beginning that can be read and chosen. */
function buildLanes(traffic: Traffic, fromMs: number, palette: Palette) {
  const entries = lanesOf(traffic.incidents, fromMs, traffic.nowMs);
  const axes = { xAxisIndex: 1, yAxisIndex: 1 };
  const bars = (['low', 'medium', 'high', 'critical'] as const).map((severity) => ({
    type: 'line' as const,
    ...axes,
    silent: true,
    showSymbol: false,
    lineStyle: { color: palette[severity], width: 6, cap: 'round' as const },
    data: entries
      .filter(({ incident }) => incident.severity === severity)
      .flatMap(({ fromMs: from, toMs, lane }) => [
        [from, lane],
        [toMs, lane],
        [toMs, '-'],
      ]),
  }));
  const heads = {
    type: 'scatter' as const,
    ...axes,
    symbolSize: 9,
    cursor: 'pointer',
    data: entries.map(({ incident, fromMs: from, lane }) => ({
      id: incident.id,
      value: [from, lane],
      name: incident.title,
      itemStyle: { color: palette[incident.severity] },
    })),
    tooltip: { formatter: ({ name }: { name: string }) => escapeHtml(name) },
  };
  return [...bars, heads];
}

function buildPoints(
  anomalies: readonly AnomalyHead[],
  incidents: readonly Incident[],
  palette: Palette,
) {
  const severityOf = new Map(incidents.map(({ id, severity }) => [id, severity]));
  return anomalies.map(({ lastAt, pValue, services, decidingChannel, incidentId, verdict }) => {
    const severity = incidentId === null ? undefined : severityOf.get(incidentId);
    const word = verdictWord(verdict) ?? [];
    const words = [formatClock(lastAt), services.join(', '), decidingChannel].concat(word);
    const isRetracted = verdict.state === 'retracted';
    return {
      ...(incidentId === null ? {} : { id: incidentId }),
      value: [lastAt, evidenceOf(pValue)],
      name: `${words.map(escapeHtml).join(' · ')} · p ${formatPValue(pValue)}`,
      itemStyle: {
        color: severity === undefined || isRetracted ? palette.quiet : palette[severity],
        opacity: isRetracted ? 0.35 : 0.8,
      },
    };
  });
}

/** The next number of one significant figure. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / unit) * unit;
}

/** Tooltips are HTML, and what a log line says must not become part of the page. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
