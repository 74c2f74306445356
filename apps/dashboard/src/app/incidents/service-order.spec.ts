import { type Evidence, evidenceSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { serviceOrderOf } from './service-order';

const evidence = (service: string | null, at: number | null): Evidence =>
  evidenceSchema.parse({
    id: 'E1',
    kind: 'service-order',
    service,
    templateId: null,
    template: null,
    statement: '',
    at,
    weight: 1,
    figures: {},
    lines: [],
  });

describe('serviceOrderOf', () => {
  it('orders services by their earliest evidence and lets the others follow', () => {
    const order = serviceOrderOf({ services: ['cart', 'gateway', 'payment'] }, [
      evidence('gateway', 5_400),
      evidence('payment', 4_000),
      evidence('gateway', 9_000),
      evidence(null, 1),
      evidence('cart', null),
      evidence('stranger', 2),
    ]);
    expect(order).toEqual([
      { service: 'payment', afterMs: 0 },
      { service: 'gateway', afterMs: 1_400 },
      { service: 'cart', afterMs: null },
    ]);
  });

  it('keeps the order of the incident without evidence', () => {
    const order = serviceOrderOf({ services: ['b', 'a'] }, []).map(({ service }) => service);
    expect(order).toEqual(['b', 'a']);
  });
});
