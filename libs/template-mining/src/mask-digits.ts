import { ALNUM, CLASS_OF, DIGIT } from './character-classes';

/** No mask was found. */
export const NONE = -1;

/** Whether no letter or digit stands at a position. */
export function isEnd(units: Uint16Array, at: number): boolean {
  return ((CLASS_OF[units[at] as number] as number) & ALNUM) === 0;
}

export function isDigit(units: Uint16Array, at: number): boolean {
  return ((CLASS_OF[units[at] as number] as number) & DIGIT) !== 0;
}

/** Where the run of digits ends, at most `most` of them; NONE when there are fewer than `least`. */
export function digits(units: Uint16Array, at: number, least: number, most: number): number {
  let end = at;
  while (end - at < most && isDigit(units, end)) end++;
  return end - at < least ? NONE : end;
}
