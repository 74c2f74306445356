import { describe, expect, it } from 'vitest';
import { TemplateCounter } from './template-counter';

describe('TemplateCounter', () => {
  it('counts by service, template and ten seconds of event time', () => {
    const counter = new TemplateCounter('shop');
    counter.add('cart', 't1', 10_000);
    counter.add('cart', 't1', 19_999);
    counter.add('cart', 't1', 20_000);
    counter.add('payment', 't1', 12_000);
    expect(counter.take()).toEqual([
      { stream: 'shop', service: 'cart', templateId: 't1', bucketMs: 10_000, count: 2 },
      { stream: 'shop', service: 'cart', templateId: 't1', bucketMs: 20_000, count: 1 },
      { stream: 'shop', service: 'payment', templateId: 't1', bucketMs: 10_000, count: 1 },
    ]);
  });

  it('begins anew after its counts were taken', () => {
    const counter = new TemplateCounter('shop');
    counter.add('cart', 't1', 0);
    counter.take();
    expect(counter.take()).toEqual([]);
  });
});
