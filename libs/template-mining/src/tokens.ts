/**
 * White space that separates tokens: every code point of Unicode's White_Space plus the four information
 * separators U+001C to U+001F, which is what drain3's runtime splits at.
 */
export function isTokenSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit >= 0x1c;
  if (unit < 0x85) return false;
  return (
    unit === 0x85 ||
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/**
 * Splits text at white space and at the extra delimiters.
 *
 * @returns the tokens in order, none of them empty; an empty list for blank text
 */
export function splitTokens(text: string, extraDelimiters: readonly string[]): string[] {
  let spaced = text;
  for (const delimiter of extraDelimiters) spaced = spaced.replaceAll(delimiter, ' ');

  const tokens: string[] = [];
  let start = -1;
  for (let index = 0; index < spaced.length; index++) {
    if (isTokenSpace(spaced.charCodeAt(index))) {
      if (start >= 0) tokens.push(spaced.slice(start, index));
      start = -1;
    } else if (start < 0) {
      start = index;
    }
  }
  if (start >= 0) tokens.push(spaced.slice(start));
  return tokens;
}

// Unicode's Numeric_Type Digit and Decimal: what drain3's runtime calls a digit.
const WIDE_DIGIT =
  /[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]/u;

/** Whether a token contains a digit of any script. */
export function hasDigit(token: string): boolean {
  let isWide = false;
  for (let index = 0; index < token.length; index++) {
    const unit = token.charCodeAt(index);
    if (unit >= 0x30 && unit <= 0x39) return true;
    if (unit > 0x7f) isWide = true;
  }
  return isWide && WIDE_DIGIT.test(token);
}
