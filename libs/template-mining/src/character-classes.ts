import { isTokenSpace } from './tokens';

export const DIGIT = 1;
/** `a` to `f` in both cases. */
export const HEX_LETTER = 2;
/** The other ASCII letters. */
export const LETTER = 4;
export const SPACE = 8;
/** Characters other than letters and digits with which a mask may begin: `/`, `-`, `+`, `<`, `:`. */
export const MARK = 16;
/** Characters after a word that may make it part of a mask. */
export const JOINT = 32;

export const HEX_DIGIT = DIGIT | HEX_LETTER;
export const ALNUM = DIGIT | HEX_LETTER | LETTER;

/** The class of every UTF-16 code unit. */
export const CLASS_OF: Uint8Array = buildClasses();

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(0x1_0000);
  for (let unit = 0; unit < classes.length; unit++) {
    if (isTokenSpace(unit)) classes[unit] = SPACE;
  }
  const mark = (characters: string, flag: number): void => {
    for (const character of characters) {
      const unit = character.charCodeAt(0);
      classes[unit] = (classes[unit] as number) | flag;
    }
  };
  mark('0123456789', DIGIT);
  mark('abcdefABCDEF', HEX_LETTER);
  mark('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ', LETTER);
  mark('/-+<:', MARK);
  mark('+.-:@_%', JOINT);
  return classes;
}

/** A table of the ASCII characters in a text. */
export function setOf(characters: string): Uint8Array {
  const set = new Uint8Array(0x1_0000);
  for (const character of characters) set[character.charCodeAt(0)] = 1;
  return set;
}

export const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const DIGITS = '0123456789';
