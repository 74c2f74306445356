import { describe, expect, it } from 'vitest';
import { WindowHistory } from './window-history';

const tokens = (...values: number[]) => Int32Array.from(values);

describe('WindowHistory', () => {
  it('gives windows back in the order in which they came, with their kinds', () => {
    const history = new WindowHistory(10);
    history.add(tokens(4, 5), 'session');
    history.add(tokens(6), 'sliding');
    history.add(tokens(4, 5), 'continuation');
    expect(history).toHaveLength(3);
    expect([...history.windows()]).toEqual([tokens(4, 5), tokens(6), tokens(4, 5)]);
    expect([0, 1, 2].map((index) => history.idOf(index))).toEqual([0, 1, 0]);
    expect([0, 1, 2].map((index) => history.kindOf(index))).toEqual([
      'session',
      'sliding',
      'continuation',
    ]);
    expect(history.distinct.size).toBe(2);
  });

  it('knows which service wrote a window, where it is one service', () => {
    const history = new WindowHistory(10);
    for (let index = 0; index < 3_000; index++) {
      history.add(tokens(4), 'sliding', index % 3 === 0 ? undefined : `service-${index % 3}`);
    }
    expect([0, 1, 2, 2_999].map((index) => history.serviceOf(index))).toEqual([
      undefined,
      'service-1',
      'service-2',
      'service-2',
    ]);
  });

  it('keeps distinct windows once however many come', () => {
    const history = new WindowHistory(10);
    for (let index = 0; index < 10_000; index++) history.add(tokens(4 + (index % 3)), 'session');
    expect(history).toHaveLength(10_000);
    expect(history.distinct.size).toBe(3);
    expect(history.tokensOf(9_998)).toEqual(tokens(4 + (9_998 % 3)));
  });

  it('puts windows in another order, each with its kind', () => {
    const history = new WindowHistory(10);
    history.add(tokens(4), 'session');
    history.add(tokens(5), 'sliding', 'shop');
    history.add(tokens(4), 'continuation');
    history.reorder(Uint32Array.of(1, 2, 0));
    history.add(tokens(6), 'session');
    expect([...history.windows()]).toEqual([tokens(5), tokens(4), tokens(4), tokens(6)]);
    const kinds = [0, 1, 2, 3].map((index) => history.kindOf(index));
    expect(kinds).toEqual(['sliding', 'continuation', 'session', 'session']);
    expect([0, 1, 2].map((index) => history.serviceOf(index))).toEqual([
      'shop',
      undefined,
      undefined,
    ]);
  });

  it('gives copies, so that what is done with them changes nothing', () => {
    const history = new WindowHistory(10);
    history.add(tokens(4), 'session');
    history.tokensOf(0).fill(9);
    expect(history.tokensOf(0)).toEqual(tokens(4));
  });

  it.each([0, -1, 1, NaN])('refuses to show a window %s that it does not have', (index) => {
    const history = new WindowHistory(10);
    expect(() => history.idOf(index)).toThrow(RangeError);
    expect(() => history.kindOf(index)).toThrow(RangeError);
    expect(() => history.tokensOf(index)).toThrow(RangeError);
    expect(() => history.serviceOf(index)).toThrow(RangeError);
  });
});
