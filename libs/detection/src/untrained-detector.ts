import type { ChannelVerdict } from '@logbert/contracts';
import { z } from 'zod';
import { cauchyCombination } from './combination';
import type { Verdict } from './conformal-detector';
import { SnapshotFailure } from './detection-failures';
import { type Oddness, RecentKeySets } from './recent-key-sets';

/** Windows that are remembered for each that the budget needs: some odd ones among them must not blind the detector. */
const REMEMBERED_FACTOR = 4;
const LEAST_REMEMBERED = 200;
const MOST_REMEMBERED = 50_000;
/** A key whose presence or absence at most this share of the windows share is shown as odd. */
const ODD_SHARE = 0.02;
const MAX_SHOWN_KEYS = 16;
/** A channel that finds nothing odd does not speak against the other: together they then are twice the other's p-value. */
const SAYS_NOTHING = 0.5;

const snapshotSchema = z.object({
  sets: z.array(z.array(z.int())),
  order: z.array(z.int().nonnegative()),
});

export type UntrainedSnapshot = z.infer<typeof snapshotSchema>;

/**
 * Windows of one kind that must have been seen before a window can be flagged without a model: the smallest p-value among n
 * windows is 1 / n.
 *
 * @param alertBudget share of normal windows, in (0, 1)
 * @returns null when no more than 50,000 windows are remembered and the budget is smaller than one of them
 */
export function windowsNeededUntrained(alertBudget: number): number | null {
  const needed = Math.ceil(1 / alertBudget);
  return needed >= MOST_REMEMBERED ? null : needed;
}

/**
 * Judges windows of a stream that has no model yet, by `novelty` and `rarity` among the last windows.
 *
 * Nothing is calibrated, nor need it be: a window is ranked among the last n windows and itself, all by the same measure,
 * each against the others. If windows come in any order alike (are exchangeable), its rank is uniform, and the share of
 * windows at least as odd is a p-value (Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005, chapter 2).
 *
 * - `novelty`: templates that no other of the windows has. Its p-value, the share of windows with as many, is the estimate of
 *   Good (Biometrika 1953) of what has not been seen yet: a stream that still finds templates all the time has many such
 *   windows, and finding one more is nothing.
 * - `rarity`: how few windows agree on the presence of a template, or on the absence of one that half of them have. That
 *   share itself can never be larger than the p-value.
 *
 * The two are combined by Cauchy's combination, so that an unseen template is found as soon as the budget allows at all, and
 * a missing one after twice as many windows. Every window enters, flagged or not.
 */
export class UntrainedDetector {
  private constructor(
    private readonly alertBudget: number,
    private readonly recent: RecentKeySets,
  ) {}

  static begin(alertBudget: number): UntrainedDetector {
    return new UntrainedDetector(alertBudget, new RecentKeySets(capacityFor(alertBudget)));
  }

  /** @throws SnapshotFailure when it is not what `snapshot` gave */
  static restore(snapshot: unknown, alertBudget: number): UntrainedDetector {
    const parsed = snapshotSchema.safeParse(snapshot);
    if (!parsed.success) {
      throw new SnapshotFailure('the windows seen before the first model cannot be read', {
        cause: parsed.error,
      });
    }
    const recent = RecentKeySets.restore(parsed.data, capacityFor(alertBudget));
    return new UntrainedDetector(alertBudget, recent);
  }

  snapshot(): UntrainedSnapshot {
    const { sets, order } = this.recent.snapshot();
    return { sets: sets.map((keys) => [...keys]), order: [...order] };
  }

  /** Windows that are remembered. */
  get windows(): number {
    return this.recent.windows;
  }

  /** How many of the remembered windows have a key. */
  withKey(key: number): number {
    return this.recent.withKey(key);
  }

  /**
   * Judges a window.
   *
   * @param tokens keys of its lines, whole numbers
   * @param isRemembered false for a window that overlaps one that is remembered: one line must not count as two
   * @param isExplained whether to say what is odd about it in any case
   * @returns for a window that is not flagged its p-values are lower bounds, since no more is worked out than it takes to
   *   leave it alone
   */
  judge(tokens: Int32Array, isRemembered = true, isExplained = false): Verdict {
    const keys = [...new Set(tokens)].sort((a, b) => a - b);
    const rank = (): Verdict => this.rank(tokens, keys, isExplained);
    if (!isRemembered) return this.recent.with(keys, rank);
    this.recent.enter(keys);
    return rank();
  }

  /**
   * Judges the first lines of a window that is not complete, and remembers nothing of it.
   *
   * Keys that half of the windows have are taken to be still to come: it is then at most as odd as it will be, whatever comes.
   */
  judgeGrowing(tokens: Int32Array): Verdict {
    const keys = new Set([...tokens, ...this.recent.commonKeys()]);
    const expected = [...keys].sort((a, b) => a - b);
    return this.recent.with(expected, () => this.rank(tokens, expected));
  }

  /** Whether a line of this key can make a window an anomaly: so few of the windows have it that the budget may allow it. */
  isTelling(key: number): boolean {
    const { windows } = this.recent;
    return (this.recent.withKey(key) + 1) / (windows + 1) <= this.alertBudget;
  }

  private rank(tokens: Int32Array, keys: readonly number[], isExplained = false): Verdict {
    const { windows } = this.recent;
    const common = this.recent.commonKeys();
    const own = this.recent.oddnessOf(keys, common);
    const least = verdictOn(own, windows, {
      rarity: own.agreeing + 1,
      novelty: own.unseen > 0 ? 1 : windows,
    });
    if (least.pValue > this.alertBudget && !isExplained) return { ...least, ...NOT_ODD };
    const verdict = verdictOn(own, windows, this.rankOf(own, common));
    const isAnomaly = verdict.pValue <= this.alertBudget;
    if (!isAnomaly && !isExplained) return { ...verdict, ...NOT_ODD };
    return { ...verdict, isAnomaly, ...this.explain(tokens, keys, common, own) };
  }

  /**
   * How many of the windows are at least as odd: up to where both channels are beyond the budget, and with them their
   * combination. Where every window is odd, as in a stream whose lines have no templates, that is after a few.
   */
  private rankOf(own: Oddness, common: readonly number[]): Rank {
    const most = this.alertBudget * this.recent.windows;
    const rank = { rarity: 0, novelty: 0 };
    for (const other of this.recent.distinct()) {
      const odd = this.recent.oddnessOf(other.keys, common);
      if (odd.agreeing <= own.agreeing) rank.rarity += other.windows;
      if (odd.unseen >= own.unseen) rank.novelty += other.windows;
      if (Math.min(rank.rarity, rank.novelty) >= most + 1) break;
    }
    return rank;
  }

  /** The keys that few others agree on, and where they are; where none is so odd, the oddest. */
  private explain(
    tokens: Int32Array,
    keys: readonly number[],
    common: readonly number[],
    { agreeing }: Oddness,
  ): Pick<Verdict, 'missing' | 'unusual' | 'abnormalPositions' | 'isEndUnexpected'> {
    const { windows } = this.recent;
    const others = Math.max(1, windows - 1);
    const most = Math.max(agreeing, ODD_SHARE * others);
    const present = new Set(keys);
    const unusual = keys
      .map((token) => ({ token, share: (this.recent.withKey(token) - 1) / others }))
      .filter(({ share }) => share * others <= most)
      .sort((a, b) => a.share - b.share || a.token - b.token);
    const missing = common
      .filter((key) => !present.has(key))
      .map((token) => ({ token, share: this.recent.withKey(token) / others }))
      .filter(({ share }) => (1 - share) * others <= most)
      .sort((a, b) => b.share - a.share || a.token - b.token);
    const odd = new Set(unusual.map(({ token }) => token));
    return {
      missing: missing.slice(0, MAX_SHOWN_KEYS),
      unusual: unusual.slice(0, MAX_SHOWN_KEYS),
      abnormalPositions: [...tokens.keys()].filter((position) => odd.has(tokens[position] ?? -1)),
      isEndUnexpected: false,
    };
  }
}

const NOT_ODD = {
  isAnomaly: false,
  missing: [],
  unusual: [],
  abnormalPositions: [],
  isEndUnexpected: false,
} as const;

/** How many of the windows, the judged one among them, are at least as odd. */
interface Rank {
  readonly rarity: number;
  readonly novelty: number;
}

function verdictOn(
  { agreeing, unseen }: Oddness,
  windows: number,
  rank: Rank,
): Pick<Verdict, 'pValue' | 'statistic' | 'channels' | 'deciding'> {
  const rarity: ChannelVerdict = {
    channel: 'rarity',
    score: -Math.log((agreeing + 1) / windows),
    pValue: rank.rarity / windows,
  };
  const novelty: ChannelVerdict = {
    channel: 'novelty',
    score: unseen,
    pValue: rank.novelty / windows,
  };
  const pValue = cauchyCombination(
    Math.min(SAYS_NOTHING, rarity.pValue),
    Math.min(SAYS_NOTHING, novelty.pValue),
  );
  return {
    pValue,
    statistic: -Math.log(pValue),
    channels: [rarity, novelty],
    deciding: novelty.pValue <= rarity.pValue && unseen > 0 ? 'novelty' : 'rarity',
  };
}

function capacityFor(alertBudget: number): number {
  const wanted = Math.ceil(REMEMBERED_FACTOR / alertBudget);
  return Math.min(MOST_REMEMBERED, Math.max(LEAST_REMEMBERED, wanted));
}
