import { type CompiledRule, MAX_SEARCHED } from './compiled-rule';
import { DefaultMaskScanner } from './default-mask-scanner';
import { DEFAULT_PATTERN } from './default-masks';
import {
  buildScannedRule,
  canFollow,
  MaskScanner,
  MAX_SCANNED_RULES,
  type ScannedRule,
} from './mask-scanner';
import type { TokenBuffer } from './token-buffer';
import { isTokenSpace } from './tokens';

/** Does the work of one rule or of several in a row. */
export interface LineScanner {
  /** The line with its masks in place, white space as it was. */
  mask(text: string, buffer: TokenBuffer): string;
  /** Writes the line with its masks in place to the buffer's code units; returns how many they are. */
  maskInto(text: string, buffer: TokenBuffer): number;
  /** The masked line's tokens; only for masks without white space. */
  tokenise(text: string, buffer: TokenBuffer): void;
}

/** Rules that are applied together. */
export interface MaskStage {
  readonly rules: readonly CompiledRule[];
  /** Without one the rules' expressions are applied in order. */
  readonly scanner: LineScanner | undefined;
  /** The longest line for the scanner; longer ones are left to the expressions, which see only their beginning. */
  readonly longest: number;
  /** Whether the scanner may split lines, too. */
  readonly isSplitting: boolean;
  /** Characters that the line itself must have, all of them, before the stage can change it. */
  readonly required: readonly string[];
}

/** Whether a stage can change a line, before or after the stages in front of it. */
export function mayApply({ required }: MaskStage, line: string): boolean {
  for (const character of required) if (line.indexOf(character) < 0) return false;
  return true;
}

/** Groups rules, kept in their order, into as few stages as give the same masks. */
export function planStages(
  rules: readonly CompiledRule[],
  prefix: string,
  suffix: string,
): readonly MaskStage[] {
  const stages: Work[] = [];
  let group: Member[] = [];
  const close = (): void => {
    if (group.length > 0) stages.push(...scannedStages(group));
    group = [];
  };
  for (const rule of rules) {
    const scanned =
      rule.name === undefined
        ? undefined
        : buildScannedRule(rule.source, rule.pattern, prefix + rule.name + suffix);
    if (!scanned) {
      close();
      stages.push(singleStage(rule, prefix, suffix));
      continue;
    }
    const earlier = group.map((member) => member.scanned);
    if (group.length === MAX_SCANNED_RULES || !canFollow(scanned, earlier)) close();
    group.push({ rule, scanned });
  }
  close();
  let written = '';
  return stages.map((stage) => {
    const required = requiredBy(stage.rules).filter((character) => !written.includes(character));
    for (const { name, source } of stage.rules) written += prefix + (name ?? `*${source}`) + suffix;
    return { ...stage, required };
  });
}

type Work = Omit<MaskStage, 'required'>;

/** The characters that each of the rules needs, the rarest first. */
function requiredBy([first, ...others]: readonly CompiledRule[]): readonly string[] {
  const shared = (first?.required ?? []).filter((character) =>
    others.every(({ required }) => required.includes(character)),
  );
  const isCommon = (character: string): number => (/[\w\s]/.test(character) ? 1 : 0);
  return [...shared].sort((left, right) => isCommon(left) - isCommon(right));
}

interface Member {
  readonly rule: CompiledRule;
  readonly scanned: ScannedRule;
}

/** One stage for all, or one for each when the tables for all would be too large. */
function scannedStages(group: readonly Member[]): readonly Work[] {
  const scanner = MaskScanner.build(group.map(({ scanned }) => scanned));
  if (!scanner && group.length > 1) return group.flatMap((member) => scannedStages([member]));
  const masks = group.map(({ scanned }) => scanned.mask);
  const growth = Math.max(...masks.map(({ length }) => length));
  const isTrusted = group.every(({ rule }) => rule.isTrusted);
  return [
    {
      rules: group.map(({ rule }) => rule),
      scanner,
      longest: isTrusted ? Infinity : Math.floor(MAX_SEARCHED / growth),
      isSplitting: masks.every(hasNoSpace),
    },
  ];
}

function singleStage(rule: CompiledRule, prefix: string, suffix: string): Work {
  const isDefault = rule.source === DEFAULT_PATTERN && rule.name === undefined;
  return {
    rules: [rule],
    scanner: isDefault ? new DefaultMaskScanner(prefix, suffix) : undefined,
    longest: Infinity,
    isSplitting: hasNoSpace(prefix + suffix),
  };
}

function hasNoSpace(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (isTokenSpace(text.charCodeAt(index))) return false;
  }
  return true;
}
