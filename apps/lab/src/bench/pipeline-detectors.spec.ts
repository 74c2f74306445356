import { streamSettingsSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { shareOut } from './pipeline-detectors';

const settings = streamSettingsSchema.parse({
  format: { kind: 'text', pattern: '<Content>' },
  sessionKey: { fields: [], pattern: 'blk_[0-9]+' },
  window: { kind: 'session' },
});
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function share(lines: readonly string[], parts: number): readonly (readonly string[])[] {
  const encoded = lines.map((line) => encoder.encode(line));
  return shareOut(encoded, settings, parts).map((part) => part.map((line) => decoder.decode(line)));
}

describe('shareOut', () => {
  const lines = ['got blk_1', 'got blk_2', 'no block', 'lost blk_1', 'got blk_3', 'lost blk_2'];

  it('keeps the lines of a session together and in order', () => {
    expect(share(lines, 2)).toEqual([
      ['got blk_1', 'no block', 'lost blk_1'],
      ['got blk_2', 'got blk_3', 'lost blk_2'],
    ]);
  });

  it('gives all of them to one', () => {
    expect(share(lines, 1)).toEqual([lines]);
  });
});
