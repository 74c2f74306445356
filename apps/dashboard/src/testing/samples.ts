import {
  type Anomaly,
  anomalySchema,
  type Incident,
  incidentSchema,
  type TrainingJob,
  trainingJobSchema,
} from '@logbert/contracts';

/** Contract-true pieces for specs; each takes what matters to the test. */
export function buildIncident(given: Partial<Incident> = {}): Incident {
  return incidentSchema.parse({
    id: '00000000-0000-4000-8000-000000000001',
    stream: 'shop',
    state: 'open',
    isAcknowledged: false,
    severity: 'high',
    title: 'payment: time-outs',
    openedAt: 1_000,
    lastSeenAt: 2_000,
    closedAt: null,
    anomalyCount: 3,
    minPValue: 0.0001,
    services: ['payment', 'gateway'],
    culprits: [],
    similar: [],
    topCause: null,
    ...given,
  });
}

export function incidentId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function buildLine(given: Partial<Anomaly['lines'][number]> = {}) {
  return {
    at: 0,
    service: 'payment',
    level: 'info',
    raw: 'paid',
    templateId: 't',
    template: 'paid',
    isNovel: false,
    isAbnormal: false,
    surprise: 0.1,
    entropy: 0.1,
    observedProbability: 0.9,
    expected: [],
    parameters: [],
    ...given,
  };
}

export function buildAnomaly(lines: readonly object[], context: readonly object[]): Anomaly {
  return anomalySchema.parse({
    id: '0'.repeat(32),
    stream: 'shop',
    modelId: 'shop-1',
    windowKey: 'req-1',
    detectedAt: 0,
    firstAt: 0,
    lastAt: 0,
    services: ['payment'],
    pValue: 0.001,
    channels: [],
    decidingChannel: 'rarity',
    lines,
    missing: [],
    context,
    culprits: [],
    incidentId: null,
  });
}

export function buildJob(given: Partial<TrainingJob> = {}): TrainingJob {
  return trainingJobSchema.parse({
    id: incidentId(100),
    stream: 'shop',
    state: 'running',
    request: { stream: 'shop', source: { kind: 'file', path: 'a.log' }, options: {} },
    progress: {
      stage: 'training',
      share: 0.5,
      lines: 10,
      templates: 2,
      windows: 5,
      epoch: 1,
      epochs: 4,
      loss: 1,
      validationLoss: null,
      tokensPerSecond: null,
      etaSeconds: 3,
    },
    history: [],
    modelId: null,
    error: null,
    createdAt: 0,
    startedAt: 0,
    finishedAt: null,
    ...given,
  });
}
