import { rareGroups, SUSPECT_SHARE } from './rare-groups';
import { profileOf, type WindowProfile } from './window-profile';

/** A token whose presence or absence few reference windows share. */
export interface OddToken {
  readonly token: number;
  /** Share of reference windows that have the token, in [0, 1]. */
  readonly share: number;
  readonly isMissing: boolean;
}

export interface RaritySnapshot {
  /** Distinct sets of keys. */
  readonly sets: readonly (readonly number[])[];
  /** Which of `sets` each window of the reference has, oldest first. */
  readonly order: readonly number[];
  /** First token of the windows of each set, plus one; 0 where it is not known. */
  readonly firsts?: readonly number[] | undefined;
  /** Which of `sets` are set aside as too rare. */
  readonly rare?: readonly number[] | undefined;
  /** Which of `sets` are normal though they are rare. */
  readonly accepted?: readonly number[] | undefined;
  readonly untilRefresh?: number | undefined;
}

/** Windows of the same keys that begin alike. */
interface Group {
  readonly keys: Int32Array;
  readonly first: number;
  /** How many of the reference's windows. */
  windows: number;
  /** Whether they are too rare to be normal, and hence no measure of it. */
  isRare: boolean;
  /** Whether they are normal all the same. */
  isAccepted: boolean;
}

/** Windows after which it is looked again which ones are too rare. */
const REFRESH_EVERY = 50;

/**
 * The last windows of a stream, and how many of them have each key.
 *
 * Every window enters, flagged or not: a new normal becomes normal by being frequent, and no verdict feeds back into
 * what it is judged by. Needs no model, and tolerates contamination: windows that are too rare to be normal by the rule of
 * training (`rareGroups`) are set aside until they are so no more, so that one kind of anomaly hides no other.
 */
export class RarityReference {
  private readonly presence: Int32Array;
  private readonly stamps: Int32Array;
  private readonly common = new Set<number>();
  private readonly ring: Group[] = [];
  private readonly groups = new Map<string, Group>();
  private oldest = 0;
  private stamp = 0;
  private measuring = 0;
  private untilRefresh = REFRESH_EVERY;

  /**
   * @param capacity windows that are remembered, >= 1
   * @param vocabularySize tokens are below it
   * @param trimShare largest share of them that may be set aside as too rare
   */
  constructor(
    private readonly capacity: number,
    private readonly vocabularySize: number,
    private readonly trimShare = 0,
  ) {
    this.presence = new Int32Array(vocabularySize);
    this.stamps = new Int32Array(vocabularySize);
  }

  get windows(): number {
    return this.ring.length;
  }

  /**
   * Lets a window enter, and the oldest leave once the reference is full.
   *
   * @param first the window's first token
   */
  enter(profile: WindowProfile, first = -1): void {
    const group = this.groupOf(profile, first);
    if (this.ring.length < this.capacity) {
      this.ring.push(group);
    } else {
      const left = this.ring[this.oldest];
      if (left) this.change(left, -1);
      this.ring[this.oldest] = group;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    this.change(group, 1);
    // Windows that were set aside and are rare no more must not wait for the next look.
    const isUsual = group.isRare && group.windows > SUSPECT_SHARE * this.ring.length;
    if (--this.untilRefresh <= 0 || isUsual) this.refresh();
  }

  /** Counts such windows among the normal ones for as long as there are any in the reference, however rare they are. */
  accept(profile: WindowProfile, first: number): void {
    const group = this.groups.get(nameOf(profile, first));
    if (!group || group.isAccepted) return;
    group.isAccepted = true;
    this.setAside(group, false);
  }

  /** Whether such windows were set aside as too rare when it was last looked. */
  isSetAside(profile: WindowProfile, first: number): boolean {
    return this.groups.get(nameOf(profile, first))?.isRare ?? false;
  }

  /**
   * The largest −log(share of windows that agree on a key's presence or absence), the window itself counted among them.
   *
   * @param own 1 when the window is in the reference already and must not vouch for itself twice, else 0
   * @returns nats in `[0, log(windows + 1)]`; 0 for an empty reference. Keys that fewer than half of the windows have
   *   cannot be missed: their absence would say less than log 2.
   */
  rarityOf(profile: WindowProfile, own: 0 | 1 = 0): number {
    const others = this.measuring - own;
    if (others <= 0) return 0;
    let agreeing = others;
    const stamp = this.mark(profile);
    for (const key of profile.keys) {
      const having = (this.presence[key] ?? 0) - own;
      if (having < agreeing) agreeing = having;
    }
    for (const key of this.common) {
      if (this.stamps[key] === stamp) continue;
      const lacking = others - (this.presence[key] ?? 0);
      if (lacking < agreeing) agreeing = lacking;
    }
    return -Math.log((agreeing + 1) / (others + 1));
  }

  /**
   * The part of `rarityOf` that no further line can lower: of the keys that are present. That others are missing says nothing as
   * long as they may still come.
   *
   * @returns nats in `[0, log(windows + 1)]`; 0 for an empty reference
   */
  presenceRarityOf(keys: Iterable<number>): number {
    const total = this.measuring;
    let agreeing = total;
    for (const key of keys) agreeing = Math.min(agreeing, this.presence[key] ?? 0);
    return -Math.log((agreeing + 1) / (total + 1));
  }

  /**
   * The keys whose presence or absence is shared by at most this share of the windows, oddest first, ties by token.
   */
  oddTokens(profile: WindowProfile, maxAgreement: number): readonly OddToken[] {
    const total = this.measuring;
    if (total === 0) return [];
    const odd: (OddToken & { agreement: number })[] = [];
    const stamp = this.mark(profile);
    const note = (token: number, isMissing: boolean): void => {
      const having = this.presence[token] ?? 0;
      const agreement = (isMissing ? total - having : having) / total;
      if (agreement <= maxAgreement)
        odd.push({ token, share: having / total, isMissing, agreement });
    };
    for (const token of profile.keys) note(token, false);
    for (const token of this.common) if (this.stamps[token] !== stamp) note(token, true);
    return odd
      .sort((a, b) => a.agreement - b.agreement || a.token - b.token)
      .map(({ token, share, isMissing }) => ({ token, share, isMissing }));
  }

  /** Share of the windows that have the key, in [0, 1]; 0 for an empty reference. */
  shareOf(token: number): number {
    return this.measuring === 0 ? 0 : (this.presence[token] ?? 0) / this.measuring;
  }

  snapshot(): RaritySnapshot {
    const indexOf = new Map<Group, number>();
    const sets: number[][] = [];
    const firsts: number[] = [];
    const rare: number[] = [];
    const accepted: number[] = [];
    const order: number[] = [];
    for (let step = 0; step < this.ring.length; step++) {
      const group = this.ring[(this.oldest + step) % this.ring.length];
      if (!group) continue;
      let index = indexOf.get(group);
      if (index === undefined) {
        index = sets.length;
        indexOf.set(group, index);
        sets.push([...group.keys]);
        firsts.push(group.first + 1);
        if (group.isRare) rare.push(index);
        if (group.isAccepted) accepted.push(index);
      }
      order.push(index);
    }
    return { sets, order, firsts, rare, accepted, untilRefresh: this.untilRefresh };
  }

  /** Fills an empty reference with what another one had. */
  resume({
    sets,
    order,
    firsts = [],
    rare = [],
    accepted = [],
    untilRefresh,
  }: RaritySnapshot): void {
    const [isRare, isAccepted] = [new Set(rare), new Set(accepted)];
    const profiles = sets.map((keys) => profileOf(Int32Array.from(keys)));
    for (const [index, profile] of profiles.entries()) {
      const group = this.groupOf(profile, (firsts[index] ?? 0) - 1);
      group.isRare = isRare.has(index);
      group.isAccepted = isAccepted.has(index);
    }
    this.untilRefresh = Infinity;
    for (const index of order) {
      const profile = profiles[index];
      if (profile) this.enter(profile, (firsts[index] ?? 0) - 1);
    }
    this.untilRefresh = untilRefresh ?? REFRESH_EVERY;
  }

  private refresh(): void {
    this.untilRefresh = REFRESH_EVERY;
    if (this.trimShare === 0) return;
    const groups = [...this.groups.values()];
    const isRare = rareGroups(groups, this.trimShare, this.vocabularySize);
    for (const [index, group] of groups.entries()) {
      this.setAside(group, (isRare[index] ?? false) && !group.isAccepted);
    }
    this.common.clear();
    for (let key = 0; key < this.vocabularySize; key++) this.noteCommon(key);
  }

  private setAside(group: Group, isRare: boolean): void {
    const { windows } = group;
    if (group.isRare === isRare) return;
    this.change(group, -windows);
    group.isRare = isRare;
    this.groups.set(nameOf(group, group.first), group);
    this.change(group, windows);
  }

  private change(group: Group, by: number): void {
    group.windows += by;
    if (group.windows === 0) this.groups.delete(nameOf(group, group.first));
    if (group.isRare) return;
    this.measuring += by;
    for (const key of group.keys) {
      this.presence[key] = (this.presence[key] ?? 0) + by;
      this.noteCommon(key);
    }
  }

  /** While the reference grows a key may fall below half without a change; it is then a harmless extra candidate. */
  private noteCommon(key: number): void {
    if (2 * (this.presence[key] ?? 0) >= this.measuring) this.common.add(key);
    else this.common.delete(key);
  }

  private mark({ keys }: WindowProfile): number {
    this.stamp = (this.stamp + 1) | 0;
    for (const key of keys) this.stamps[key] = this.stamp;
    return this.stamp;
  }

  private groupOf(profile: WindowProfile, first: number): Group {
    const name = nameOf(profile, first);
    const known = this.groups.get(name);
    if (known) return known;
    const group = {
      keys: Int32Array.from(profile.keys),
      first,
      windows: 0,
      isRare: false,
      isAccepted: false,
    };
    this.groups.set(name, group);
    return group;
  }
}

function nameOf({ keys }: Pick<WindowProfile, 'keys'>, first: number): string {
  return `${first}:${keys.join()}`;
}
