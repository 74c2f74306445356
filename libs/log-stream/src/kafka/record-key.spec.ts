import { describe, expect, it } from 'vitest';
import { binaryKeyHeaders, keyOf } from './record-key';

describe('keys of records', () => {
  it.each([
    ['a hash', Buffer.from([0xff, 0x00, 0x80, 0xfe])],
    ['text beyond ASCII', Buffer.from('Köln')],
    ['nothing', Buffer.alloc(0)],
  ])('come back to the byte when they are %s', (_case, key) => {
    const record = { key: key.toString(), headers: binaryKeyHeaders(key) };
    expect(Buffer.from(keyOf(record) ?? 'none')).toEqual(key);
  });

  it('are null where there are none', () => {
    expect(binaryKeyHeaders(null)).toEqual({});
    expect(keyOf({ key: undefined, headers: {} })).toBeNull();
  });
});
