import { createHash } from 'node:crypto';
import type { Anomaly, AnomalyLine } from '@logbert/contracts';

/** An anomaly of one payment session whose culprit is a template that was never seen before. */
export function anomalyOf(windowKey: string, change: Partial<Anomaly> = {}): Anomaly {
  const at = change.firstAt ?? Date.now();
  const stream = change.stream ?? 'orders';
  return {
    id: createHash('md5').update(`${stream}/${windowKey}`).digest('hex'),
    stream,
    modelId: 'model',
    state: 'closed',
    early: null,
    windowKey,
    detectedAt: Date.now(),
    firstAt: at,
    lastAt: at + 20,
    services: ['payment', 'gateway'],
    pValue: 1e-5,
    channels: [{ channel: 'novelty', score: 2, pValue: 1e-5 }],
    decidingChannel: 'novelty',
    lines: [
      lineOf({ at, service: 'gateway', template: 'POST /orders', templateId: 'a'.repeat(16) }),
      lineOf({
        at: at + 10,
        service: 'payment',
        level: 'error',
        template: 'bank connection timed out after <DURATION>',
        raw: 'bank connection timed out after 5003 ms',
        templateId: 'b'.repeat(16),
        isNovel: true,
        isAbnormal: true,
      }),
    ],
    missing: [],
    end: null,
    rates: [],
    context: [],
    culprits: ['b'.repeat(16)],
    incidentId: null,
    verdict: { state: 'immediate' },
    ...change,
  };
}

function lineOf(line: Partial<AnomalyLine>): AnomalyLine {
  return {
    at: 0,
    service: 'gateway',
    level: 'info',
    raw: line.template ?? '',
    templateId: '',
    template: '',
    isNovel: false,
    isAbnormal: false,
    surprise: null,
    entropy: null,
    observedProbability: null,
    expected: [],
    parameters: [],
    ...line,
  };
}
