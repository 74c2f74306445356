import { describe, expect, it } from 'vitest';
import { FIRST_KEY, PADDING, UNKNOWN } from './token-id';
import { Vocabulary } from './vocabulary';
import { VocabularyFailure } from './vocabulary-failure';

describe('Vocabulary', () => {
  const vocabulary = Vocabulary.build(['open', 'close', 'open', '__proto__']);

  it('numbers keys by first appearance, after the special tokens', () => {
    expect(vocabulary.size).toBe(FIRST_KEY + 3);
    expect(vocabulary.encode('open')).toBe(FIRST_KEY);
    expect(vocabulary.keyOf(vocabulary.encode('__proto__'))).toBe('__proto__');
  });

  it('encodes what it does not know as unknown', () => {
    expect(vocabulary.encode('constructor')).toBe(UNKNOWN);
    expect(vocabulary.keyOf(PADDING)).toBeUndefined();
    expect(vocabulary.keyOf(99)).toBeUndefined();
  });

  it('survives JSON', () => {
    const restored = Vocabulary.restore(JSON.parse(JSON.stringify(vocabulary.snapshot())));
    expect(restored.encode('close')).toBe(vocabulary.encode('close'));
    expect(restored.size).toBe(vocabulary.size);
  });

  it.each([
    ['nothing', undefined],
    ['another version', { ...vocabulary.snapshot(), version: 2 }],
    ['a repeated key', { ...vocabulary.snapshot(), keys: ['a', 'a'] }],
    ['a key that is no text', { ...vocabulary.snapshot(), keys: [1] }],
  ])('refuses %s', (_case, snapshot) => {
    expect(() => Vocabulary.restore(snapshot)).toThrow(VocabularyFailure);
  });
});
