import { describe, expect, it } from 'vitest';
import { storableJson, storableText } from './storable-text';

describe('storableText', () => {
  it('replaces NUL and halves of a pair, and keeps whole pairs', () => {
    expect(storableText('a\0b\uD83Dc\uDE00d😀')).toBe('a\uFFFDb\uFFFDc\uFFFDd😀');
  });
});

describe('storableJson', () => {
  it('is the JSON of anything harmless', () => {
    const harmless = { text: 'ä "quoted" \\ \n\t\u0001 😀', list: [1, null, true] };
    expect(storableJson(harmless)).toBe(JSON.stringify(harmless));
  });

  it('replaces what jsonb refuses, in keys too', () => {
    expect(storableJson({ 'a\0': '\uD83D\uDE00\uDE00' })).toBe('{"a\uFFFD":"😀\uFFFD"}');
  });

  it('leaves text alone that only looks like an escape', () => {
    for (const text of ['\\u0000', '\\\\ud800', 'C:\\users\\u0000']) {
      expect(JSON.parse(storableJson(text))).toBe(text);
    }
  });
});
