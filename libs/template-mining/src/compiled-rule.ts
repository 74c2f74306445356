import { findPatternProblem, findRequiredCharacters } from '@logbert/log-records';
import type { MaskRule } from './mask-rule';
import { MinerSettingsFailure } from './miner-settings-failure';
import { simplerPattern } from './simpler-pattern';

/** An expression of quadratic time is bearable on a text of this length. */
export const MAX_SEARCHED = 32_768;

export interface CompiledRule {
  /** The expression as it was given. */
  readonly source: string;
  readonly pattern: RegExp;
  /** The mask's name; undefined when the expression's groups give it. */
  readonly name: string | undefined;
  /** Names of its groups, in their order. */
  readonly groups: readonly string[];
  /** Characters without which a text has nothing to mask. */
  readonly required: readonly string[];
  /** The mask with `$` doubled, as replacing wants it. */
  readonly replacement: string;
  readonly isTrusted: boolean;
}

/** @throws MinerSettingsFailure when a pattern does not compile, can take unbearably long, or names no mask */
export function compileRule(
  { name, pattern, isTrusted = false }: MaskRule,
  index: number,
  prefix: string,
  suffix: string,
): CompiledRule {
  const compiled = compile(pattern, isTrusted, index);
  const groups = groupsOf(compiled);
  if (name === undefined && groups.length === 0) {
    throw new MinerSettingsFailure(`masks[${index}].name`, 'neither a name nor a named group');
  }
  return {
    source: pattern,
    pattern: compiled,
    name,
    groups,
    required: findRequiredCharacters(pattern),
    replacement: (prefix + (name ?? '') + suffix).replaceAll('$', '$$$$'),
    isTrusted,
  };
}

function compile(pattern: string, isTrusted: boolean, index: number): RegExp {
  const problem = isTrusted ? undefined : findPatternProblem(pattern);
  if (problem !== undefined) throw new MinerSettingsFailure(`masks[${index}].pattern`, problem);
  try {
    return new RegExp(simplerPattern(pattern), 'g');
  } catch (error) {
    throw new MinerSettingsFailure(`masks[${index}].pattern`, (error as Error).message);
  }
}

/** Beside an empty alternative it fits a text without a character, and names all its groups. */
function groupsOf({ source }: RegExp): readonly string[] {
  return Object.keys(new RegExp(`${source}|`).exec('')?.groups ?? {});
}
