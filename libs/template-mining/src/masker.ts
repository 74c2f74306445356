import type { MaskRule } from './mask-rule';
import type { MaskedLine, MaskSpan } from './masked-line';
import { MinerSettingsFailure } from './miner-settings-failure';

interface CompiledRule {
  readonly name: string;
  readonly mask: string;
  readonly pattern: RegExp;
}

/** Applies mask rules to lines, one rule after the other. */
export class Masker {
  private readonly rules: readonly CompiledRule[];

  /** @throws MinerSettingsFailure when a pattern does not compile */
  constructor(
    rules: readonly MaskRule[],
    readonly prefix: string,
    readonly suffix: string,
  ) {
    this.rules = rules.map(({ name, pattern }, index) => ({
      name,
      mask: prefix + name + suffix,
      pattern: compile(pattern, index),
    }));
  }

  mask(line: string): string {
    let text = line;
    for (const { pattern, mask } of this.rules) text = text.replace(pattern, () => mask);
    return text;
  }

  /** Masks a line and remembers what each mask replaced. */
  maskWithSpans(line: string): MaskedLine {
    let masked: MaskedLine = { text: line, spans: [] };
    for (const rule of this.rules) masked = applyRule(masked, rule);
    return masked;
  }
}

function compile(pattern: string, index: number): RegExp {
  try {
    return new RegExp(pattern, 'g');
  } catch (error) {
    throw new MinerSettingsFailure(`masks[${index}].pattern`, (error as Error).message);
  }
}

function applyRule(line: MaskedLine, { pattern, mask, name }: CompiledRule): MaskedLine {
  const spans: MaskSpan[] = [];
  const older = line.spans;
  let text = '';
  let copied = 0;
  let next = 0;
  // What the text so far is shorter or longer than the older text.
  let shift = 0;

  const keepUntil = (position: number): void => {
    for (; next < older.length; next++) {
      const span = older[next] as MaskSpan;
      if (span.end > position) break;
      spans.push({ ...span, start: span.start + shift, end: span.end + shift });
    }
  };

  for (const found of line.text.matchAll(pattern)) {
    const start = found.index;
    const end = start + found[0].length;
    keepUntil(start);
    let sourceStart = sourceOf(older, next, start, 'start');
    let sourceEnd = sourceOf(older, next, end, 'end');
    for (; next < older.length; next++) {
      const span = older[next] as MaskSpan;
      if (span.start >= end) break;
      sourceStart = Math.min(sourceStart, span.sourceStart);
      sourceEnd = Math.max(sourceEnd, span.sourceEnd);
    }
    text += line.text.slice(copied, start) + mask;
    spans.push({
      start: text.length - mask.length,
      end: text.length,
      sourceStart,
      sourceEnd,
      name,
    });
    copied = end;
    shift = text.length - end;
  }
  if (copied === 0 && text === '') return line;
  keepUntil(line.text.length);
  return { text: text + line.text.slice(copied), spans };
}

/**
 * Position in the original line of a position in the masked one; inside a mask, the mask's own beginning or end.
 *
 * @param from index of the first span that may matter; earlier ones end before the position
 */
export function sourceOf(
  spans: readonly MaskSpan[],
  from: number,
  position: number,
  side: 'start' | 'end',
): number {
  let index = Math.max(from - 1, 0);
  let offset = index < spans.length && from > 0 ? offsetAfter(spans[index] as MaskSpan) : 0;
  for (; index < spans.length; index++) {
    const span = spans[index] as MaskSpan;
    if (span.start >= position) break;
    if (span.end > position) return side === 'start' ? span.sourceStart : span.sourceEnd;
    offset = offsetAfter(span);
  }
  return position + offset;
}

function offsetAfter(span: MaskSpan): number {
  return span.sourceEnd - span.end;
}
