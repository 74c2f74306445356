import type { NormalMemory } from './normal-memory';
import type { ScoredWindow } from './scored-window';
import type { WindowProfile } from './window-profile';

/** Agreement of recent windows up to which a key's presence or absence is called odd. */
const ODD_AGREEMENT = 0.05;
/** The same among the windows most like this one: fewer, hence more lenient. */
const ODD_AMONG_LIKE = 0.1;
/** More would be a list nobody reads. */
const MAX_TOKENS = 8;

export interface TokenShare {
  readonly token: number;
  /** Share of comparable windows that have the token, in [0, 1]. */
  readonly share: number;
}

export interface WindowExplanation {
  readonly missing: readonly TokenShare[];
  readonly unusual: readonly TokenShare[];
  readonly abnormalPositions: readonly number[];
  /** Whether the model was as surprised that no line came after the last one. */
  readonly isEndUnexpected: boolean;
}

/**
 * Says which keys and lines made a window odd.
 *
 * Keys: those whose presence or absence few recent windows share, and those in which the most similar known windows
 * differ from it. Lines: unknown keys, unusual keys, breaks of order, and lines that surprised the model more than the
 * lines of normal windows do; when none of these is found, nothing is missing and the end is not unexpected, the most
 * surprising line.
 */
export function explainVerdict(
  window: ScoredWindow,
  profile: WindowProfile,
  memory: NormalMemory,
  surprisingNats: number,
): WindowExplanation {
  const missing = new Map<number, number>();
  const unusual = new Map<number, number>();
  for (const { token, share, isMissing } of memory.rarity.oddTokens(profile, ODD_AGREEMENT)) {
    (isMissing ? missing : unusual).set(token, share);
  }
  compareWithAlike(profile, memory, missing, unusual);

  const positions = new Set<number>();
  for (const position of memory.ngrams.brokenPositions(window.tokens)) positions.add(position);
  for (const [position, token] of window.tokens.entries()) {
    const surprise = window.score?.surprise[position] ?? 0;
    const isOdd = !memory.isKnown(token) || unusual.has(token);
    if (isOdd || surprise > surprisingNats) positions.add(position);
  }
  const isEndUnexpected = (window.score?.endSurprise ?? 0) > surprisingNats;
  if (positions.size === 0 && missing.size === 0 && !isEndUnexpected) {
    const most = mostSurprising(window.score?.surprise);
    if (most !== undefined) positions.add(most);
  }
  return {
    missing: byShare(missing, -1),
    unusual: byShare(unusual, 1),
    abnormalPositions: [...positions].sort((a, b) => a - b),
    isEndUnexpected,
  };
}

/** Says which keys and lines made a window odd of which there are only the first lines: nothing can be missing yet. */
export function explainGrowing(tokens: Int32Array, memory: NormalMemory): WindowExplanation {
  const unusual = new Map<number, number>();
  for (const token of new Set(tokens)) {
    const share = memory.rarity.shareOf(token);
    if (share <= ODD_AGREEMENT) unusual.set(token, share);
  }
  const abnormalPositions = [...tokens.keys()].filter((position) => {
    const token = tokens[position] ?? -1;
    return unusual.has(token) || !memory.isKnown(token);
  });
  return { missing: [], unusual: byShare(unusual, 1), abnormalPositions, isEndUnexpected: false };
}

function compareWithAlike(
  profile: WindowProfile,
  memory: NormalMemory,
  missing: Map<number, number>,
  unusual: Map<number, number>,
): void {
  const alike = memory.countVectors.neighbours(profile);
  let total = 0;
  const having = new Map<number, number>();
  for (const { profile: other, windows, distance } of alike) {
    if (distance === 0) return;
    total += windows;
    for (const key of other.keys) having.set(key, (having.get(key) ?? 0) + windows);
  }
  if (total === 0) return;
  const own = new Set(profile.keys);
  for (const [token, windows] of having) {
    const share = windows / total;
    if (!own.has(token) && share >= 1 - ODD_AMONG_LIKE && !missing.has(token)) {
      missing.set(token, share);
    }
  }
  for (const token of own) {
    const share = (having.get(token) ?? 0) / total;
    if (share <= ODD_AMONG_LIKE && !unusual.has(token)) unusual.set(token, share);
  }
}

function byShare(shares: ReadonlyMap<number, number>, order: 1 | -1): readonly TokenShare[] {
  return [...shares]
    .map(([token, share]) => ({ token, share }))
    .sort((a, b) => order * (a.share - b.share) || a.token - b.token)
    .slice(0, MAX_TOKENS);
}

function mostSurprising(surprise: Float32Array | undefined): number | undefined {
  let most: number | undefined;
  let nats = 0;
  for (const [position, value] of (surprise ?? []).entries()) {
    if (value > nats) {
      nats = value;
      most = position;
    }
  }
  return most;
}
