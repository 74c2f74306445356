import type { TemplateCount } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { RateWatch } from './rate-watch';

const counted = (templateId: string, count: number): TemplateCount => ({
  stream: 'shop',
  service: 'cart',
  templateId,
  modelId: 'm',
  bucketMs: 0,
  count,
});

function warmed(): RateWatch {
  const watch = new RateWatch();
  for (let bucket = 0; bucket < 30; bucket++) {
    watch.judge(bucket, [
      counted('steady', 20 + (bucket % 3)),
      counted('bursty', bucket % 2 ? 60 : 2),
    ]);
  }
  return watch;
}

describe('RateWatch', () => {
  it('says nothing before there is a baseline', () => {
    expect(new RateWatch().judge(0, [counted('new', 1_000)])).toEqual([]);
  });

  it('finds a rate that rises', () => {
    const [first] = warmed().judge(30, [counted('steady', 90), counted('bursty', 30)]);
    expect(first).toMatchObject({ templateId: 'steady', count: 90 });
    expect(first?.pValue).toBeLessThan(1e-9);
  });

  it('finds a template that falls silent', () => {
    const [first] = warmed().judge(30, [counted('bursty', 30)]);
    expect(first).toMatchObject({ templateId: 'steady', count: 0 });
    expect(first?.pValue).toBeLessThan(1e-6);
  });

  it('allows a bursty template its bursts', () => {
    const verdicts = warmed().judge(30, [counted('steady', 21), counted('bursty', 80)]);
    for (const { pValue } of verdicts) expect(pValue).toBeGreaterThan(0.01);
  });

  it('watches no more templates than it may', () => {
    const watch = new RateWatch(1);
    for (let bucket = 0; bucket < 10; bucket++) {
      watch.judge(bucket, [counted('a', 5), counted('b', 5)]);
    }
    expect(watch.judge(10, []).map(({ templateId }) => templateId)).toEqual(['a']);
  });
});
