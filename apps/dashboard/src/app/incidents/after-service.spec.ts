import { describe, expect, it } from 'vitest';
import { afterService } from './after-service';

describe('afterService', () => {
  it('leaves out a name that the title begins with', () => {
    expect(afterService('db-proxy', 'db-proxy no longer writes')).toBe(' no longer writes');
    expect(afterService('cart', 'cart: two lines')).toBe(': two lines');
  });

  it('keeps a title that begins with something else, even with a longer name', () => {
    expect(afterService('cart', 'time-outs')).toBe(' · time-outs');
    expect(afterService('cart', 'cart-db is slow')).toBe(' · cart-db is slow');
  });
});
