import { UntrainedDetector, type UntrainedSnapshot, type Verdict } from '@logbert/detection';
import type { GrowingSession, Window, WindowKind } from '@logbert/sequences';
import type { FoundWindow, GrowthJudge } from './growing-sessions';
import type { LineEntry } from './line-entry';
import type { MetTemplates } from './met-templates';

/** Services of which it is known up to where their lines are in a remembered window. */
const MAX_SERVICES = 10_000;

/** What was seen before the first model: plain data that can be cloned. */
export interface UntrainedState {
  readonly kinds: readonly (readonly [kind: WindowKind, windows: UntrainedSnapshot])[];
  readonly ends: readonly (readonly [windowKey: string, lastOffset: number])[];
}

/** A window and what was thought of it. */
export interface UntrainedJudgement {
  /** A flagged one with its lines as they are to be shown. */
  readonly window: Window<LineEntry>;
  /** Groups of its lines. */
  readonly tokens: Int32Array;
  readonly verdict: Verdict;
}

/**
 * Judges the windows of a stream before its first model, each kind among its own, by the groups of the live miner.
 *
 * A group keeps its number when its template becomes more general, so that a template which learns what varies is none that
 * nobody has seen.
 */
export class UntrainedJudge implements GrowthJudge {
  private readonly detectors = new Map<WindowKind, UntrainedDetector>();
  /** Windows of a service overlap; only those that share no line are remembered. */
  private readonly ends = new Map<string, number>();

  constructor(
    private readonly alertBudget: number,
    private readonly templates: Pick<MetTemplates, 'of'>,
  ) {}

  /** Windows seen of the kind that was seen most; no more are counted than are remembered. */
  get windows(): number {
    return Math.max(0, ...[...this.detectors.values()].map(({ windows }) => windows));
  }

  /**
   * @param isExplained whether to say what is odd about it in any case
   * @returns undefined for a window with a line that an older version has kept without its group
   */
  judge(window: Window<LineEntry>, isExplained = false): UntrainedJudgement | undefined {
    const { entries, kind } = window;
    const tokens = groupsOf(entries);
    if (!tokens) return undefined;
    const verdict = this.detectorOf(kind).judge(tokens, this.isRemembered(window), isExplained);
    const isShown = isExplained || verdict.isAnomaly;
    return { window: isShown ? this.shown(window, verdict) : window, tokens, verdict };
  }

  isTelling({ cluster }: LineEntry, { kind }: GrowingSession<LineEntry>): boolean {
    return cluster !== undefined && this.detectorOf(kind).isTelling(cluster);
  }

  judgeGrowing(entries: readonly LineEntry[], kind: WindowKind): Verdict | undefined {
    const tokens = groupsOf(entries);
    return tokens && this.detectorOf(kind).judgeGrowing(tokens);
  }

  /** Lines are known as soon as they were seen once; a novel one is of a template that no other window has. */
  shown<Shown extends FoundWindow>(window: Shown, { unusual }: Verdict): Shown {
    const unseen = new Set(unusual.filter(({ share }) => share === 0).map(({ token }) => token));
    const entries = window.entries.map((entry) => ({
      ...entry,
      templateId: this.templates.of(entry.cluster)?.id ?? entry.templateId,
      isNovel: entry.cluster !== undefined && unseen.has(entry.cluster),
    }));
    return { ...window, entries };
  }

  snapshot(): UntrainedState {
    return {
      kinds: [...this.detectors].map(([kind, detector]) => [kind, detector.snapshot()] as const),
      ends: [...this.ends],
    };
  }

  /** Goes on where another one was, before the first window. */
  resume({ kinds, ends }: UntrainedState): void {
    for (const [kind, windows] of kinds) {
      this.detectors.set(kind, UntrainedDetector.restore(windows, this.alertBudget));
    }
    for (const [key, lastOffset] of ends) this.ends.set(key, lastOffset);
  }

  private detectorOf(kind: WindowKind): UntrainedDetector {
    const known = this.detectors.get(kind);
    if (known) return known;
    const fresh = UntrainedDetector.begin(this.alertBudget);
    this.detectors.set(kind, fresh);
    return fresh;
  }

  private isRemembered({ key, kind, entries, firstOffset }: Window<LineEntry>): boolean {
    if (kind !== 'sliding') return true;
    if (firstOffset <= (this.ends.get(key) ?? -1)) return false;
    this.ends.delete(key);
    this.ends.set(key, entries.at(-1)?.offset ?? firstOffset);
    const [oldest] = this.ends.keys();
    if (this.ends.size > MAX_SERVICES && oldest !== undefined) this.ends.delete(oldest);
    return true;
  }
}

/** Undefined when an older version has kept one of the lines without its group. */
function groupsOf(entries: readonly LineEntry[]): Int32Array | undefined {
  const groups = new Int32Array(entries.length);
  for (const [index, { cluster }] of entries.entries()) {
    if (cluster === undefined) return undefined;
    groups[index] = cluster;
  }
  return groups;
}
