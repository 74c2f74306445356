import { describe, expect, it } from 'vitest';
import { textOf } from './source-text';

describe('textOf', () => {
  it.each([
    [{ kind: 'file', path: 'shop.log' }, 'file shop.log'],
    [{ kind: 'upload', uploadId: '1' }, 'an upload'],
    [{ kind: 'stream', fromMs: 1_000, toMs: 1_649 }, 'lines received within 649 ms'],
    [{ kind: 'stream', fromMs: 0, toMs: 1_900_000_000_000 }, 'all lines that are kept'],
  ] as const)('says where lines come from: %o', (source, text) => {
    expect(textOf(source)).toBe(text);
  });
});
