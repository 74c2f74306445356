import { sourceOf } from './masker';
import type { MaskedLine, MaskSpan } from './masked-line';
import { isTokenSpace } from './tokens';

export interface TemplateParameter {
  /** The text of the original line. */
  readonly value: string;
  /** Name of the mask that found it, or `*` where lines of the template differ. */
  readonly mask: string;
}

/**
 * Reads the variable parts of a line by the positions of its tokens.
 *
 * @param line the original line
 * @param masked the same line masked
 * @param isWildcard whether the template that the line fits has a wildcard at a token's index
 * @param extraDelimiters texts that separate tokens besides white space
 * @returns the parameters from left to right: a whole token for a wildcard, what a mask replaced elsewhere
 */
export function readParameters(
  line: string,
  masked: MaskedLine,
  isWildcard: (index: number) => boolean,
  extraDelimiters: readonly string[],
): readonly TemplateParameter[] {
  const parameters: TemplateParameter[] = [];
  const { spans } = masked;
  let next = 0;
  for (const [index, { start, end }] of tokenRanges(masked.text, extraDelimiters).entries()) {
    while (next < spans.length && (spans[next] as MaskSpan).end <= start) next++;
    if (isWildcard(index)) {
      const from = sourceOf(spans, next, start, 'start');
      const to = sourceOf(spans, next, end, 'end');
      parameters.push({ value: line.slice(from, to), mask: '*' });
      continue;
    }
    for (let at = next; at < spans.length; at++) {
      const span = spans[at] as MaskSpan;
      if (span.start >= end) break;
      if (span.start < start) continue;
      parameters.push({ value: line.slice(span.sourceStart, span.sourceEnd), mask: span.name });
    }
  }
  return parameters;
}

function tokenRanges(
  text: string,
  extraDelimiters: readonly string[],
): readonly { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let start = -1;
  let index = 0;
  while (index < text.length) {
    const gap = isTokenSpace(text.charCodeAt(index))
      ? 1
      : delimiterAt(text, index, extraDelimiters);
    if (gap > 0) {
      if (start >= 0) ranges.push({ start, end: index });
      start = -1;
    } else if (start < 0) {
      start = index;
    }
    index += gap || 1;
  }
  if (start >= 0) ranges.push({ start, end: index });
  return ranges;
}

function delimiterAt(text: string, index: number, delimiters: readonly string[]): number {
  for (const delimiter of delimiters) {
    if (text.startsWith(delimiter, index)) return delimiter.length;
  }
  return 0;
}
