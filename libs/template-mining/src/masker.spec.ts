import { describe, expect, it } from 'vitest';
import type { MaskRule } from './mask-rule';
import { Masker } from './masker';

const maskerOf = (...rules: MaskRule[]) => new Masker(rules, '<', '>', []);

describe('Masker', () => {
  it('gives a mask the name of the group that took part', () => {
    const masker = maskerOf({ pattern: '(?<YEAR>19\\d\\d)|(?<PORT>:\\d+)(?<FLAG>!)?' });
    const text = 'in 1984 at :80 and :81!';
    const masked = 'in <YEAR> at <PORT> and <PORT>';
    expect(masker.mask(text)).toBe(masked);
    for (const { text: same, spans } of [masker.maskWithSpans(text), masker.maskWithSpans(text)]) {
      expect(same).toBe(masked);
      expect(spans.map(({ name }) => name)).toEqual(['YEAR', 'PORT', 'PORT']);
      expect(spans.map((span) => text.slice(span.sourceStart, span.sourceEnd))).toEqual([
        '1984',
        ':80',
        ':81!',
      ]);
    }
  });

  it('goes on behind what it finds without a character', () => {
    const masker = maskerOf({ name: 'X', pattern: 'x*' });
    expect(masker.maskWithSpans('axxb').text).toBe('axxb'.replace(/x*/g, '<X>'));
    expect(masker.maskWithSpans('').text).toBe('<X>');
    expect(masker.mask('axxb')).toBe('axxb'.replace(/x*/g, '<X>'));
  });

  it.each(['(?<=user )\\S+', '(?<!a)b', '\\d+'])(
    'refuses a rule that names no mask: %s',
    (pattern) => {
      expect(() => maskerOf({ pattern })).toThrow('neither a name nor a named group');
      expect(maskerOf({ pattern, name: 'N' }).mask('user bob 1')).toContain('<N>');
    },
  );
});
