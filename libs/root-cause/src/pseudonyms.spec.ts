import { describe, expect, it } from 'vitest';
import { Pseudonyms } from './pseudonyms';

describe('Pseudonyms', () => {
  it.each([
    ['10.0.0.1:8080', 'IP'],
    ['2001:db8::8a2e:370:7334', 'IP'],
    ['::1', 'IP'],
    ['alice@example.com', 'EMAIL'],
    ['123e4567-e89b-12d3-a456-426614174000', 'ID'],
    ['https://example.com/a?b=c', 'URL'],
    ['/var/lib/shop/17', 'PATH'],
    ['node7.prod.example.com', 'HOST'],
    ['00:1a:2b:3c:4d:5e', 'MAC'],
    ['blk_-1608999687919862906', 'ID'],
    ['9999999999', 'NUMBER'],
  ])('hides %s as %s and reveals it again', (value, kind) => {
    const pseudonyms = new Pseudonyms();
    const hidden = pseudonyms.hide(`seen ${value} twice`);
    expect(hidden).toBe(`seen <${kind}_1> twice`);
    expect(pseudonyms.reveal(hidden)).toBe(`seen ${value} twice`);
  });

  it('hides users by the words before them', () => {
    const pseudonyms = new Pseudonyms();
    expect(pseudonyms.hide('Failed password for invalid user bob from 10.0.0.9')).toBe(
      'Failed password for invalid user <USER_1> from <IP_1>',
    );
    expect(pseudonyms.hide('user=bob')).toBe('user=<USER_1>');
  });

  it('gives the same value the same name, and another one another', () => {
    const pseudonyms = new Pseudonyms();
    expect(pseudonyms.hide('10.0.0.1 10.0.0.2 10.0.0.1')).toBe('<IP_1> <IP_2> <IP_1>');
  });

  it('leaves templates, services and plain figures alone', () => {
    const pseudonyms = new Pseudonyms(new Set(['db-proxy']));
    const text = 'db-proxy: took <DURATION> for <*>, 12 of 14 sessions (85.7 %)';
    expect(pseudonyms.hide(text)).toBe(text);
  });

  it('does not reveal what it never hid', () => {
    const pseudonyms = new Pseudonyms();
    expect(pseudonyms.reveal('<IP_1>')).toBe('<IP_1>');
    expect(pseudonyms.unknownIn('from <IP_1>')).toEqual(['<IP_1>']);
  });
});
