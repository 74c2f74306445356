import { sourceOf } from './masker';
import type { MaskedLine, MaskSpan } from './masked-line';
import { isTokenSpace } from './tokens';

export interface TemplateParameter {
  /** The text of the original line. */
  readonly value: string;
  /** Name of the mask that found it, `*` where lines of the template differ, `...` for what a cut line goes on with. */
  readonly mask: string;
}

/** Name of what stands behind the last token that a template may have. */
export const REST = '...';

/** Where a token is in the masked text; end exclusive. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the variable parts of a line by the positions of its tokens.
 *
 * @param line the original line
 * @param masked the same line masked
 * @param ranges where the masked line's tokens are
 * @param isWildcard whether the template that the line fits has a wildcard at a token's index
 * @param kept how many of the tokens the template may have; the others are its rest
 * @returns the parameters from left to right: a whole token for a wildcard, what a mask replaced elsewhere, all that is
 * left of a cut line at its end
 */
export function readParameters(
  line: string,
  masked: MaskedLine,
  ranges: readonly TokenRange[],
  isWildcard: (index: number) => boolean,
  kept = ranges.length,
): readonly TemplateParameter[] {
  const parameters: TemplateParameter[] = [];
  const { spans } = masked;
  let next = 0;
  const sourceText = (start: number, end: number): string =>
    line.slice(sourceOf(spans, next, start, 'start'), sourceOf(spans, next, end, 'end'));

  for (let index = 0; index < kept; index++) {
    const { start, end } = ranges[index] as TokenRange;
    while (next < spans.length && (spans[next] as MaskSpan).end <= start) next++;
    if (isWildcard(index)) {
      parameters.push({ value: sourceText(start, end), mask: '*' });
      continue;
    }
    for (let at = next; at < spans.length; at++) {
      const span = spans[at] as MaskSpan;
      if (span.start >= end) break;
      if (span.start < start) continue;
      parameters.push({ value: line.slice(span.sourceStart, span.sourceEnd), mask: span.name });
    }
  }
  const [rest, last] = [ranges[kept], ranges.at(-1)];
  if (rest && last) {
    while (next < spans.length && (spans[next] as MaskSpan).end <= rest.start) next++;
    parameters.push({ value: sourceText(rest.start, last.end), mask: REST });
  }
  return parameters;
}

/** Where each token ends when all are written without gaps. */
export function gaplessEnds(ranges: readonly TokenRange[]): Int32Array {
  const ends = new Int32Array(ranges.length);
  let end = 0;
  for (const [index, range] of ranges.entries()) {
    end += range.end - range.start;
    ends[index] = end;
  }
  return ends;
}

/** The ranges of the tokens that `splitTokens` gives. */
export function tokenRanges(
  text: string,
  extraDelimiters: readonly string[],
): readonly TokenRange[] {
  const { spaced, places } = spaceOut(text, extraDelimiters);
  const placeOf = (index: number): number => (places ? (places[index] as number) : index);
  const ranges: TokenRange[] = [];
  let start = -1;
  for (let index = 0; index <= spaced.length; index++) {
    if (index < spaced.length && !isTokenSpace(spaced.charCodeAt(index))) {
      if (start < 0) start = index;
    } else if (start >= 0) {
      ranges.push({ start: placeOf(start), end: placeOf(index - 1) + 1 });
      start = -1;
    }
  }
  return ranges;
}

/**
 * Replaces one delimiter after the other by a blank, as splitting does: a delimiter may only come to be through another.
 *
 * @returns the text and where each of its code units was before; no places when nothing was replaced
 */
function spaceOut(
  text: string,
  delimiters: readonly string[],
): { spaced: string; places: Int32Array | undefined } {
  let spaced = text;
  let places: Int32Array | undefined;
  for (const delimiter of delimiters) {
    let found = spaced.indexOf(delimiter);
    if (found < 0) continue;
    const before = places;
    const after = new Int32Array(spaced.length);
    let written = 0;
    for (let index = 0; index < spaced.length;) {
      after[written++] = before ? (before[index] as number) : index;
      if (index === found) {
        index += delimiter.length;
        found = spaced.indexOf(delimiter, index);
      } else {
        index++;
      }
    }
    places = after;
    spaced = spaced.replaceAll(delimiter, ' ');
  }
  return { spaced, places };
}
