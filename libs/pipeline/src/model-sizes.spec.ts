import { configurationSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { architectureFor } from './model-sizes';

describe('architectureFor', () => {
  const { model } = configurationSchema.parse({}).training;
  const session = (maxLength: number) =>
    architectureFor(model, { kind: 'session', idleMs: 'auto', maxLength }, 50);

  it('reads a short session as a whole, with [DIST] before it', () => {
    expect(session(20)).toMatchObject({ maxLength: 21, sessionsCutAt: 20, vocabularySize: 50 });
  });

  it('reads a long session in pieces, whatever its length', () => {
    expect(session(4_096)).toEqual(session(1_000));
    expect(session(4_096).maxLength).toBeLessThan(100);
  });

  it('reads a sliding window as a whole, which neither begins nor ends', () => {
    const sizes = architectureFor(
      model,
      { kind: 'sliding', size: 300, stride: 10, idleMs: 1_000 },
      50,
    );
    expect(sizes.maxLength).toBe(301);
    expect(sizes.sessionsCutAt).toBeUndefined();
  });
});
