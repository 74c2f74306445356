import { type CompiledRule, compileRule, MAX_SEARCHED } from './compiled-rule';
import { splitInto } from './line-tokens';
import type { MaskRule } from './mask-rule';
import { type MaskStage, mayApply, planStages } from './mask-stage';
import type { MaskedLine, MaskSpan } from './masked-line';
import { TokenBuffer } from './token-buffer';

/** Applies mask rules to lines, one rule after the other. */
export class Masker {
  private readonly stages: readonly MaskStage[];
  private readonly rules: readonly CompiledRule[];
  private readonly scratch = new TokenBuffer();

  /** @throws MinerSettingsFailure when a pattern does not compile, can take unbearably long, or names no mask */
  constructor(
    rules: readonly MaskRule[],
    private readonly prefix: string,
    private readonly suffix: string,
    private readonly extraDelimiters: readonly string[],
  ) {
    this.rules = rules.map((rule, index) => compileRule(rule, index, prefix, suffix));
    this.stages = planStages(this.rules, prefix, suffix);
  }

  /** The line with its masks in place. */
  mask(line: string): string {
    let text = line;
    for (const stage of this.stages) if (mayApply(stage, line)) text = this.applyStage(stage, text);
    return text;
  }

  /** Writes the line with its masks in place to the buffer's code units; returns how many they are. */
  maskInto(line: string, buffer: TokenBuffer): number {
    const [stage, ...others] = this.stages;
    if (stage?.scanner && others.length === 0 && line.length <= stage.longest) {
      return stage.scanner.maskInto(line, buffer);
    }
    const text = this.mask(line);
    const { length } = text;
    buffer.reserve(length, 0);
    const { units } = buffer;
    for (let at = 0; at < length; at++) units[at] = text.charCodeAt(at);
    return length;
  }

  /** The masked line's tokens. */
  tokenise(line: string, buffer: TokenBuffer): void {
    let only: MaskStage | undefined;
    let count = this.extraDelimiters.length;
    for (const stage of this.stages) {
      if (!mayApply(stage, line)) continue;
      only = stage;
      count++;
    }
    if (count === 1 && only?.scanner && only.isSplitting && line.length <= only.longest) {
      only.scanner.tokenise(line, buffer);
    } else splitInto(count === 0 ? line : this.mask(line), this.extraDelimiters, buffer);
  }

  /** Masks a line and remembers what each mask replaced. */
  maskWithSpans(line: string): MaskedLine {
    let masked: MaskedLine = { text: line, spans: [] };
    for (const rule of this.rules) masked = this.replaceWithSpans(masked, rule);
    return masked;
  }

  private applyStage({ scanner, longest, rules }: MaskStage, text: string): string {
    if (scanner && text.length <= longest) return scanner.mask(text, this.scratch);
    return rules.reduce((masked, rule) => this.apply(rule, masked), text);
  }

  private apply(rule: CompiledRule, text: string): string {
    if (rule.required.some((character) => !text.includes(character))) return text;
    if (rule.isTrusted || text.length <= MAX_SEARCHED) return this.replace(text, rule);
    return this.replace(text.slice(0, MAX_SEARCHED), rule) + text.slice(MAX_SEARCHED);
  }

  private replace(text: string, rule: CompiledRule): string {
    const { pattern, name, replacement } = rule;
    if (name === undefined) {
      return text.replace(pattern, (...found: unknown[]) =>
        this.maskOf(groupIn(found.at(-1) as Groups, rule)),
      );
    }
    return text.replace(pattern, replacement);
  }

  private maskOf(name: string): string {
    return this.prefix + name + this.suffix;
  }

  private replaceWithSpans(line: MaskedLine, rule: CompiledRule): MaskedLine {
    const spans: MaskSpan[] = [];
    const older = line.spans;
    let text = '';
    let copied = 0;
    let next = 0;
    // How much further on in the new text a position is than in the older one.
    let shift = 0;

    const keepUntil = (position: number): void => {
      for (; next < older.length; next++) {
        const span = older[next] as MaskSpan;
        if (span.end > position) break;
        spans.push({ ...span, start: span.start + shift, end: span.end + shift });
      }
    };

    const searched = rule.isTrusted ? line.text : line.text.slice(0, MAX_SEARCHED);
    for (const found of matchesOf(rule.pattern, searched)) {
      const start = found.index;
      const end = start + found[0].length;
      keepUntil(start);
      const sourceStart = sourceOf(older, next, start, 'start');
      const sourceEnd = sourceOf(older, next, end, 'end');
      while (next < older.length && (older[next] as MaskSpan).start < end) next++;
      text += line.text.slice(copied, start);
      const maskName = rule.name ?? groupIn(found.groups ?? {}, rule);
      const mask = this.maskOf(maskName);
      spans.push({
        start: text.length,
        end: text.length + mask.length,
        sourceStart,
        sourceEnd,
        name: maskName,
      });
      text += mask;
      copied = end;
      shift = text.length - end;
    }
    keepUntil(line.text.length);
    return { text: text + line.text.slice(copied), spans };
  }
}

type Groups = Readonly<Record<string, string | undefined>>;

/** Name of the group that took part in a match. */
function groupIn(found: Groups, { groups }: CompiledRule): string {
  return groups.find((name) => found[name] !== undefined) ?? '*';
}

/** As `matchAll`, which would compile a copy of the expression for each text. */
function* matchesOf(pattern: RegExp, text: string): Generator<RegExpExecArray> {
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const { lastIndex } = pattern;
    yield found;
    pattern.lastIndex = found[0] === '' ? lastIndex + 1 : lastIndex;
  }
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
  const before = from > 0 ? spans[from - 1] : undefined;
  let offset = before ? before.sourceEnd - before.end : 0;
  for (let index = from; index < spans.length; index++) {
    const span = spans[index] as MaskSpan;
    if (span.start >= position) break;
    if (span.end > position) return side === 'start' ? span.sourceStart : span.sourceEnd;
    offset = span.sourceEnd - span.end;
  }
  return position + offset;
}
