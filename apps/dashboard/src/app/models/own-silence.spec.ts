import { type StreamSettings, streamSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { ownSilenceMs } from './own-silence';

const stream = (settings: { window?: Partial<StreamSettings['window']> }) =>
  streamSchema.parse({
    name: 'shop',
    settings,
    activeModelId: null,
    createdAt: 0,
    quarantine: null,
    workloadChange: null,
    untrained: null,
  });

describe('ownSilenceMs', () => {
  it('is nothing where the settings leave it to the model', () => {
    expect(ownSilenceMs(stream({}))).toBeUndefined();
  });

  it('is what the settings say, of sliding windows too', () => {
    const session = { kind: 'session' as const, idleMs: 3_000 };
    expect(ownSilenceMs(stream({ window: session }))).toBe(3_000);
    expect(ownSilenceMs(stream({ window: { kind: 'sliding' } }))).toBe(10_000);
  });
});
