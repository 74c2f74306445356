import type {
  Anomaly,
  AnomalyLine,
  Evidence,
  Incident,
  MissingTemplate,
  TemplateCount,
} from '@logbert/contracts';
import { evidenceSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { gatherEvidence } from './gather-evidence';
import { rankCauses } from './rank-causes';
import type { RootCauseInput } from './root-cause-input';

type Sketch = Partial<AnomalyLine> & { readonly service: string; readonly template: string };

const lineOf = (sketch: Sketch, at: number): AnomalyLine => ({
  at,
  level: 'info',
  raw: sketch.template,
  templateId: sketch.template,
  isNovel: false,
  isAbnormal: true,
  surprise: 5,
  entropy: 1,
  observedProbability: 0.01,
  expected: [],
  parameters: [],
  ...sketch,
});

let count = 0;

function anomaly(
  at: number,
  sketches: readonly Sketch[],
  missing: readonly MissingTemplate[] = [],
): Anomaly {
  const id = String(++count).padStart(32, '0');
  const lines = sketches.map((sketch, index) => lineOf(sketch, at + 10 * index));
  return {
    id,
    stream: 'shop',
    modelId: 'm',
    state: 'closed',
    early: null,
    windowKey: id,
    detectedAt: at + 1_000,
    firstAt: at,
    lastAt: at + 10 * sketches.length,
    services: [...new Set(lines.map(({ service }) => service))],
    pValue: 1e-5,
    channels: [],
    decidingChannel: 'rarity',
    lines,
    missing,
    context: [],
    culprits: [],
    end: null,
    rates: [],
    incidentId: null,
    verdict: { state: 'immediate' },
  };
}

const incident: Incident = {
  id: '00000000-0000-4000-8000-000000000000',
  stream: 'shop',
  state: 'open',
  isAcknowledged: false,
  severity: 'high',
  title: '',
  openedAt: 0,
  lastSeenAt: 10_000,
  closedAt: null,
  anomalyCount: 3,
  retractedCount: 0,
  minPValue: 1e-5,
  services: [],
  culprits: [],
  similar: [],
  topCause: null,
};

function inputOf(
  anomalies: readonly Anomaly[],
  rest: Partial<RootCauseInput> = {},
): RootCauseInput {
  return {
    incident,
    anomalies,
    current: [],
    baseline: [],
    currentMs: 10_000,
    baselineMs: 600_000,
    templateText: (id) => id,
    similar: [],
    ...rest,
  };
}

const times = <T>(number: number, build: (index: number) => T): readonly T[] =>
  Array.from({ length: number }, (_, index) => build(index));

const counts = (service: string, templateId: string, number: number): TemplateCount => ({
  stream: 'shop',
  service,
  templateId,
  modelId: 'm',
  bucketMs: 0,
  count: number,
});

const topCause = (input: RootCauseInput) => rankCauses(gatherEvidence(input))[0];

const accepted: Sketch = { service: 'gateway', template: 'request <*>', isAbnormal: false };

describe('a dependency that times out', () => {
  const input = inputOf(
    times(3, (index) =>
      anomaly(index * 1_000, [
        accepted,
        { service: 'payment', template: 'no answer from provider', level: 'error', isNovel: true },
        { service: 'cart', template: 'checkout given up', level: 'warn', isNovel: true },
        {
          service: 'gateway',
          template: 'upstream payment timed out',
          level: 'error',
          isNovel: true,
        },
        { service: 'gateway', template: 'response 504', level: 'error' },
      ]),
    ),
  );

  it('is traced to the service that had it, not to the one that reports it', () => {
    expect(topCause(input)).toMatchObject({ rank: 1, service: 'payment' });
    expect(topCause(input)?.title).toContain('no answer from provider');
  });

  it('counts the gateway’s report for the service it names', () => {
    const report = gatherEvidence(input).find(({ template }) => template?.startsWith('upstream'));
    expect(report).toMatchObject({ service: 'payment' });
    expect(report?.statement).toContain('gateway, reporting payment');
  });

  it('tells who failed first', () => {
    const order = gatherEvidence(input).find(({ kind }) => kind === 'service-order');
    expect(order?.statement).toMatch(/^payment was the first .* 3 of 3 sessions/);
  });
});

describe('a failing service whose callers only report', () => {
  it('is found even where the report came first', () => {
    const cause = topCause(
      inputOf(
        times(3, (index) =>
          anomaly(index * 1_000, [
            { service: 'gateway', template: '502 from db-proxy', level: 'error', isNovel: true },
            { service: 'db-proxy', template: 'no space left', level: 'error', isNovel: true },
          ]),
        ),
      ),
    );
    expect(cause?.service).toBe('db-proxy');
  });

  it('leaves a reporter its own line when the service named shows nothing', () => {
    const [first] = gatherEvidence(
      inputOf([
        anomaly(0, [
          { service: 'payment', template: 'db-proxy refused', level: 'error', isNovel: true },
          { service: 'db-proxy', template: 'select', isAbnormal: false },
        ]),
      ]),
    );
    expect(first).toMatchObject({ kind: 'novel-template', service: 'payment' });
  });
});

describe('a silent drop', () => {
  const missing: MissingTemplate = {
    templateId: 'charged',
    template: 'charge captured',
    service: 'payment',
    share: 0.98,
  };
  const input = inputOf(
    times(3, (index) =>
      anomaly(
        index * 1_000,
        [accepted, { service: 'db-proxy', template: 'insert into orders' }],
        [missing],
      ),
    ),
  );

  it('is traced to the service that usually writes the missing line', () => {
    expect(topCause(input)).toMatchObject({ service: 'payment', templateId: 'charged' });
    expect(topCause(input)?.title).toBe('payment no longer writes: “charge captured”');
  });

  it('counts what is missing after a failure for little', () => {
    const failing = inputOf(
      times(3, (index) =>
        anomaly(
          index * 1_000,
          [{ service: 'db-proxy', template: 'no space left', level: 'error', isNovel: true }],
          [missing],
        ),
      ),
    );
    expect(topCause(failing)?.service).toBe('db-proxy');
    const weightOf = (own: RootCauseInput) =>
      gatherEvidence(own).find(({ kind }) => kind === 'missing-template')?.weight ?? 0;
    expect(weightOf(failing)).toBeLessThan(0.3 * weightOf(input));
  });

  it('is believed from what the model expected', () => {
    const expected = [
      { templateId: 'charged', template: 'charge captured', service: 'payment', probability: 0.9 },
    ];
    const [first] = gatherEvidence(
      inputOf([anomaly(0, [{ service: 'db-proxy', template: 'insert', expected }])]),
    );
    expect(first).toMatchObject({ kind: 'missing-template', service: 'payment' });
    expect(first?.statement).toContain('the model expected it with probability 90 %');
  });
});

describe('rates', () => {
  it('shows what came much more often, with lift and significance', () => {
    const found = gatherEvidence(
      inputOf([], {
        baseline: [counts('gateway', 'login failed', 60), counts('cart', 'cart saved', 6_000)],
        current: [counts('gateway', 'login failed', 40), counts('cart', 'cart saved', 100)],
      }),
    );
    expect(found).toMatchObject([
      { kind: 'rate-change', service: 'gateway', figures: { count: 40, lift: 40 } },
    ]);
    expect(found[0]?.figures['pValue']).toBeLessThan(1e-20);
  });

  it('shows what fell silent, measured by the traffic of today', () => {
    const rates = {
      baseline: [counts('db-proxy', 'heartbeat', 3_000), counts('cart', 'cart saved', 6_000)],
      current: [counts('cart', 'cart saved', 100)],
    };
    expect(gatherEvidence(inputOf([], rates))).toMatchObject([
      { kind: 'missing-template', service: 'db-proxy', figures: { count: 0 } },
    ]);
    expect(
      gatherEvidence(inputOf([], { ...rates, current: [counts('cart', 'cart saved', 3)] })),
    ).toEqual([]);
  });

  it('does not miss what only an earlier incident wrote', () => {
    const found = gatherEvidence(
      inputOf([], {
        baseline: [counts('gateway', 'new', 3_000), counts('cart', 'cart saved', 6_000)],
        current: [counts('cart', 'cart saved', 100)],
        templateText: (id) => (id === 'new' ? undefined : id),
      }),
    );
    expect(found).toEqual([]);
  });
});

describe('a parameter that is always the same', () => {
  const guesses = (address: (index: number) => string) =>
    inputOf(
      times(6, (index) =>
        anomaly(index * 500, [
          {
            ...accepted,
            parameters: [{ value: `10.0.0.${index}`, mask: 'IP' }],
          },
          {
            service: 'gateway',
            template: 'too many logins from <IP>',
            level: 'warn',
            parameters: [{ value: address(index), mask: 'IP' }],
          },
        ]),
      ),
    );

  it('is shown with its share', () => {
    const found = gatherEvidence(guesses(() => '203.0.113.66'));
    const focus = found.find(({ kind }) => kind === 'parameter-focus');
    expect(focus?.statement).toContain('IP="203.0.113.66" in 100 % of the abnormal lines');
    expect(focus?.figures).toMatchObject({ share: 1, count: 6, sessions: 6 });
  });

  it('is not seen in values that vary', () => {
    const found = gatherEvidence(guesses((index) => `203.0.113.${index}`));
    expect(found.some(({ kind }) => kind === 'parameter-focus')).toBe(false);
  });
});

describe('gatherEvidence', () => {
  const input = inputOf([anomaly(0, [{ service: 'a', template: 't', level: 'error' }])]);

  it('numbers evidence by weight and keeps to the contract', () => {
    const found = gatherEvidence(input);
    expect(found.map(({ id }) => id)).toEqual(found.map((_, index) => `E${index + 1}`));
    for (const item of found) expect(evidenceSchema.safeParse(item).success).toBe(true);
    const weights = found.map(({ weight }) => weight);
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
  });

  it('gives the same evidence for the same input', () => {
    expect(gatherEvidence(input)).toEqual(gatherEvidence(input));
  });

  it('is empty for nothing', () => {
    expect(gatherEvidence(inputOf([]))).toEqual([]);
    expect(rankCauses([])).toEqual([]);
  });

  it('points to similar incidents and their cause', () => {
    const past: Incident = {
      ...incident,
      id: 'past',
      title: 'disk',
      topCause: { service: 'db-proxy', title: 'disk full', score: 0.9 },
    };
    const found = gatherEvidence({
      ...inputOf([], { similar: [past] }),
      incident: { ...incident, similar: [{ incidentId: 'past', similarity: 0.9 }] },
    });
    expect(found).toMatchObject([{ kind: 'similar-incident', service: 'db-proxy' }]);
  });
});

describe('rankCauses', () => {
  const item = (
    id: number,
    service: string | null,
    weight: number,
    kind: Evidence['kind'],
  ): Evidence => ({
    id: `E${id}`,
    kind,
    service,
    templateId: null,
    template: `t${id}`,
    statement: '',
    at: id,
    weight,
    figures: {},
    lines: [],
  });

  it('gives scores that add to at most one, best first', () => {
    const causes = rankCauses([
      item(1, 'a', 0.9, 'novel-template'),
      item(2, 'b', 0.5, 'error-level'),
      item(3, null, 1, 'rate-change'),
    ]);
    expect(causes.map(({ service, rank }) => [service, rank])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(causes.reduce((sum, { score }) => sum + score, 0)).toBeLessThanOrEqual(1 + 1e-12);
  });

  it('believes several kinds of facts more than many of one kind', () => {
    const [first] = rankCauses([
      ...times(8, (index) => item(index + 1, 'chatty', 0.5, 'surprising-line')),
      item(9, 'guilty', 0.5, 'surprising-line'),
      item(10, 'guilty', 0.4, 'service-order'),
      item(11, 'guilty', 0.4, 'error-level'),
    ]);
    expect(first?.service).toBe('guilty');
  });

  it('gives a tie to the one that failed first', () => {
    const tie = [item(2, 'later', 0.5, 'error-level'), item(1, 'earlier', 0.5, 'error-level')];
    expect(rankCauses(tie)[0]?.service).toBe('earlier');
  });

  it('tells what a minute had too often or too seldom, and blames its service', () => {
    const rate = { templateId: 'beat', template: 'beat', service: 'pacer', count: 0 };
    const minute = {
      ...anomaly(Date.UTC(2030, 0, 1, 10, 4), []),
      rates: [{ ...rate, expectedFrom: 2, expectedTo: 5, pValue: 1e-9 }],
    };
    const evidence = gatherEvidence(inputOf([minute]));
    expect(evidence).toMatchObject([
      {
        kind: 'missing-template',
        statement: 'pacer: “beat” came not once in the minute from 10:04 UTC, 2 to 5 expected.',
      },
    ]);
    expect(topCause(inputOf([minute]))?.service).toBe('pacer');
  });
});
