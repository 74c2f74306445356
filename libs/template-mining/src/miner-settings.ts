import { DEFAULT_MASKS } from './default-masks';
import type { MaskRule } from './mask-rule';
import { MinerSettingsFailure } from './miner-settings-failure';
import { REST } from './parameters';
import { DEFAULT_QUARANTINE, type QuarantineSettings } from './quarantine';

/**
 * How lines are grouped. `drain`: exactly as drain3 does. `flexible`: lines of one statement may differ in length, and
 * where few words alternate each is a template of its own; depth, similarity, maxChildren and parametrizeNumericTokens
 * mean nothing to it.
 */
export type EngineName = 'drain' | 'flexible';

/** Knobs of masks and grouping. */
export interface MinerSettings {
  readonly engine: EngineName;
  /** Levels of the tree, root, token count and leaf included; at least 3. */
  readonly depth: number;
  /** Share of equal tokens, in [0, 1], from which a line joins a cluster. */
  readonly similarity: number;
  /** Children a tree node may have, the wildcard included; at least 2. */
  readonly maxChildren: number;
  /** Clusters kept; beyond it the least recently used one is forgotten. Undefined: no limit. */
  readonly maxClusters: number | undefined;
  /** Tokens a template may have; of a longer line the rest is one wildcard, `<...>`. Undefined: no limit. */
  readonly maxTokens: number | undefined;
  /** Bytes that templates, tokens and branches may take (README: Memory); at least 65,536. Undefined: no limit. */
  readonly maxBytes: number | undefined;
  /** When a source counts as one whose lines cannot be grouped. Undefined: never. */
  readonly quarantine: QuarantineSettings | undefined;
  /** Whether a token with a digit in it follows the wildcard branch instead of getting its own. */
  readonly parametrizeNumericTokens: boolean;
  /** Masks in the order in which they are applied. */
  readonly masks: readonly MaskRule[];
  /** Texts that separate tokens besides white space. */
  readonly extraDelimiters: readonly string[];
  /** What stands before and after a mask's name in a template. */
  readonly maskPrefix: string;
  readonly maskSuffix: string;
}

export const DEFAULT_MINER_SETTINGS: MinerSettings = {
  engine: 'drain',
  depth: 4,
  similarity: 0.65,
  maxChildren: 100,
  maxClusters: undefined,
  maxTokens: undefined,
  maxBytes: undefined,
  quarantine: undefined,
  parametrizeNumericTokens: true,
  masks: DEFAULT_MASKS,
  extraDelimiters: [],
  maskPrefix: '<',
  maskSuffix: '>',
};

/** Limits for a miner that reads what anybody may write; without them its answers are drain3's, whatever that takes. */
export const BOUNDED_MEMORY = {
  maxClusters: 10_000,
  maxTokens: 1_024,
  maxBytes: 64 * 1_024 * 1_024,
  quarantine: DEFAULT_QUARANTINE,
} as const satisfies Partial<MinerSettings>;

const LEAST_BYTES = 65_536;

/**
 * Completes settings and refuses those the tree cannot be built with.
 *
 * @throws MinerSettingsFailure naming the field and the reason
 */
export function completeSettings(settings: Partial<MinerSettings>): MinerSettings {
  const complete = { ...DEFAULT_MINER_SETTINGS, ...settings };
  requireInteger('depth', complete.depth, 3, 64);
  requireInteger('maxChildren', complete.maxChildren, 2, Number.MAX_SAFE_INTEGER);
  if (complete.maxClusters !== undefined) {
    requireInteger('maxClusters', complete.maxClusters, 1, Number.MAX_SAFE_INTEGER);
  }
  if (complete.maxTokens !== undefined) {
    requireInteger('maxTokens', complete.maxTokens, 1, Number.MAX_SAFE_INTEGER);
  }
  if (complete.maxBytes !== undefined) {
    requireInteger('maxBytes', complete.maxBytes, LEAST_BYTES, Number.MAX_SAFE_INTEGER);
  }
  if (complete.quarantine) requireQuarantine(complete.quarantine);
  if (!(complete.similarity >= 0 && complete.similarity <= 1)) {
    throw new MinerSettingsFailure('similarity', `${complete.similarity} is not within [0, 1]`);
  }
  for (const delimiter of complete.extraDelimiters) {
    if (delimiter === '') throw new MinerSettingsFailure('extraDelimiters', 'one of them is empty');
  }
  return complete;
}

function requireQuarantine(quarantine: QuarantineSettings): void {
  const { windowLines, createdShare, windows, restLines } = quarantine;
  requireInteger('quarantine.windowLines', windowLines, 10, Number.MAX_SAFE_INTEGER);
  requireInteger('quarantine.windows', windows, 1, Number.MAX_SAFE_INTEGER);
  requireInteger('quarantine.restLines', restLines, 1, Number.MAX_SAFE_INTEGER);
  if (!(createdShare > 0 && createdShare <= 1)) {
    throw new MinerSettingsFailure(
      'quarantine.createdShare',
      `${createdShare} is not within (0, 1]`,
    );
  }
}

function requireInteger(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new MinerSettingsFailure(field, `${value} is not an integer of ${least} to ${most}`);
}

/** The token that stands for anything. */
export function wildcardOf({ maskPrefix, maskSuffix }: MinerSettings): string {
  return `${maskPrefix}*${maskSuffix}`;
}

/** The token that stands for all that follows in a line that was cut. */
export function restWildcardOf({ maskPrefix, maskSuffix }: MinerSettings): string {
  return `${maskPrefix}${REST}${maskSuffix}`;
}
