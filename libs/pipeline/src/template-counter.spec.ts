import { describe, expect, it } from 'vitest';
import { TemplateCounter } from './template-counter';

const line = { service: 'cart', templateId: 't1', modelId: 'm1' };

describe('TemplateCounter', () => {
  it('counts by service, template and ten seconds of event time', () => {
    const counter = new TemplateCounter('shop');
    counter.add({ ...line, timestampMs: 10_000 });
    counter.add({ ...line, timestampMs: 19_999 });
    counter.add({ ...line, timestampMs: 20_000 });
    counter.add({ ...line, service: 'payment', timestampMs: 12_000 });
    const count = { stream: 'shop', service: 'cart', templateId: 't1', modelId: 'm1' };
    expect(counter.take()).toEqual([
      { ...count, bucketMs: 10_000, count: 2 },
      { ...count, bucketMs: 20_000, count: 1 },
      { ...count, service: 'payment', bucketMs: 10_000, count: 1 },
    ]);
  });

  it('keeps what one model counted apart from what another did, and from what none did', () => {
    const counter = new TemplateCounter('shop');
    counter.add({ ...line, timestampMs: 0, modelId: undefined });
    counter.add({ ...line, timestampMs: 0 });
    counter.add({ ...line, timestampMs: 0, modelId: 'm2' });
    expect(counter.take().map(({ modelId }) => modelId)).toEqual([null, 'm1', 'm2']);
  });

  it('begins anew after its counts were taken', () => {
    const counter = new TemplateCounter('shop');
    counter.add({ ...line, timestampMs: 0 });
    counter.take();
    expect(counter.take()).toEqual([]);
  });
});
