import type { Anomaly, AnomalyLine, MissingTemplate } from '@logbert/contracts';

/** Names of the shop's services. */
export const SERVICES = ['gateway', 'catalogue', 'cart', 'payment', 'db-proxy'];

/** A line as specs tell of it. */
export interface LineSketch {
  readonly service: string;
  readonly text: string;
  readonly level?: AnomalyLine['level'];
  readonly isNovel?: boolean;
  readonly isAbnormal?: boolean;
}

const lineOf = (sketch: LineSketch, at: number): AnomalyLine => ({
  at,
  service: sketch.service,
  level: sketch.level ?? 'info',
  raw: sketch.text,
  templateId: sketch.text,
  template: sketch.text,
  isNovel: sketch.isNovel ?? false,
  isAbnormal: sketch.isAbnormal ?? true,
  surprise: 4,
  entropy: 1,
  observedProbability: 0.02,
  expected: [],
  parameters: [],
});

let count = 0;
export const newId = (): string => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;

/** An anomaly of these lines, each abnormal unless it says otherwise. */
export function anomaly(
  at: number,
  lines: readonly LineSketch[],
  options: { missing?: readonly MissingTemplate[]; pValue?: number; windowKey?: string } = {},
): Anomaly {
  const id = String(++count).padStart(32, '0');
  return {
    id,
    stream: 'shop',
    modelId: 'm',
    state: 'closed',
    early: null,
    windowKey: options.windowKey ?? id,
    detectedAt: at + 3_000,
    firstAt: at,
    lastAt: at + 100,
    services: SERVICES,
    pValue: options.pValue ?? 1e-4,
    channels: [],
    decidingChannel: 'rarity',
    lines: [
      lineOf({ service: 'gateway', text: 'request', isAbnormal: false }, at),
      ...lines.map((sketch, index) => lineOf(sketch, at + 10 * (index + 1))),
    ],
    missing: options.missing ?? [],
    end: null,
    rates: [],
    context: [],
    culprits: [],
    incidentId: null,
    verdict: { state: 'immediate' },
  };
}

/** A minute in which templates came too often or too seldom. */
export function minuteOf(
  at: number,
  rates: readonly { service: string; text: string; count: number }[],
  options: { pValue?: number } = {},
): Anomaly {
  const pValue = options.pValue ?? 1e-9;
  return {
    ...anomaly(at, [], { pValue, windowKey: `minute:${at}` }),
    lines: [],
    firstAt: at,
    lastAt: at + 59_999,
    detectedAt: at + 120_000,
    services: [...new Set(rates.map(({ service }) => service))],
    decidingChannel: 'rate',
    rates: rates.map(({ service, text, count }) => ({
      templateId: text,
      template: text,
      service,
      count,
      expectedFrom: 2,
      expectedTo: 5,
      pValue,
    })),
  };
}
