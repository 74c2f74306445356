import type { Anomaly } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { AnomalyText, documentOf, readDocument } from './anomaly-document';
import { packDocument } from './packed-document';

const anomaly: Anomaly = {
  id: 'a',
  stream: 's',
  modelId: 'm',
  state: 'open',
  early: null,
  windowKey: 'a session that says ,"incidentId":null and \\,"incidentId":1',
  detectedAt: 3,
  firstAt: 1,
  lastAt: 2,
  services: ['s'],
  pValue: 0.001,
  channels: [],
  decidingChannel: 'rarity',
  lines: [],
  missing: [],
  end: null,
  rates: [],
  context: [{ at: 1, service: 's', level: 'info', raw: '","incidentId":"\u0000' }],
  culprits: [],
  incidentId: null,
  verdict: { state: 'immediate' },
};
const standing = {
  state: 'closed',
  incidentId: 'i',
  verdict: { state: 'confirmed', settledAt: 4, pValue: 0.5 },
} as const;
/** NUL cannot be kept. */
const asKept = { ...anomaly, context: [{ ...anomaly.context[0], raw: '","incidentId":"\uFFFD' }] };

describe('the document of an anomaly', () => {
  it('has all that does not change', () => {
    expect({ ...documentOf(anomaly), ...standing }).toEqual({ ...anomaly, ...standing });
    expect(Object.keys(documentOf(anomaly))).not.toContain('verdict');
    expect(anomaly.verdict).toEqual({ state: 'immediate' });
  });

  it('is what was written last, and never nothing', () => {
    const [packed, document] = [documentOf(anomaly), { ...documentOf(anomaly), detectedAt: 9 }];
    expect(readDocument({ packed, document })).toEqual(document);
    expect(readDocument({ packed, document: null })).toEqual(packed);
    expect(() => readDocument({ packed: null, document: null })).toThrow(TypeError);
  });

  it.each([
    ['as it is packed', { packed: packDocument(documentOf(anomaly)), document: null }],
    ['as an older version packed it', { packed: packDocument(anomaly), document: null }],
    [
      'as an older version kept it beside what was packed',
      { packed: packDocument({ ...anomaly, lines: null }), document: asKept as Anomaly },
    ],
    ['as a version before that kept it', { packed: null, document: asKept as Anomaly }],
  ])('becomes JSON with its standing, %s', (_, columns) => {
    const text = AnomalyText.of({ ...columns, incidentId: 'i' });
    expect(text.incidentId).toBe('i');
    const json = text.with({ ...standing, eventId: 5 });
    expect(JSON.parse(json)).toEqual({ ...asKept, ...standing, eventId: 5 });
    expect(json.match(/,"incidentId":"i"/g)).toHaveLength(1);
    expect(json.match(/,"state":"closed"|"state":"open"/g)).toHaveLength(1);
  });

  it('of a version that did not tell all has what is missing', () => {
    const old: Partial<Anomaly> = { ...anomaly };
    for (const name of ['end', 'rates', 'early'] as const) delete old[name];
    const text = AnomalyText.of({ packed: packDocument(old), document: null, incidentId: null });
    expect(JSON.parse(text.with(standing))).toEqual({ ...asKept, ...standing });
  });
});
