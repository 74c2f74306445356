import { describe, expect, it } from 'vitest';
import { headerOf } from './python-pipeline';

describe('headerOf', () => {
  it('names the groups as Python does, and takes the rest of the line for the last', () => {
    expect(headerOf('<Date> [<Level>] <Component>: <Content>')).toBe(
      String.raw`(?P<Date>.*?) \[(?P<Level>.*?)\] (?P<Component>.*?): (?P<Content>.*)`,
    );
  });
});
