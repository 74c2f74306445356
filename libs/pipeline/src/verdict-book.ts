import type { ScoredWindow, SettledWindow, Verdict } from '@logbert/detection';

/** Whose window a judged one was. */
interface Owner {
  readonly key: string;
  /** Of a window that was flagged. */
  readonly anomalyId?: string | undefined;
}

/** The final word on a window that was judged. */
export interface SettledVerdict {
  readonly key: string;
  /** Of a window that was flagged. */
  readonly anomalyId: string | undefined;
  /** Of a window that was flagged; nothing else becomes an anomaly afterwards. */
  readonly outcome: 'confirmed' | 'retracted' | undefined;
  readonly verdict: Verdict;
}

/** What a book knows, as plain data. */
export interface VerdictBookState {
  /** By kind of window, in the order of judgement; null for a window that nobody noted. */
  readonly owners: Readonly<Record<string, readonly (Owner | null)[]>>;
  /** Final words on anomalies that nobody has taken yet. */
  readonly settled: readonly SettledVerdict[];
}

type UnsettledWindows = ReadonlyMap<string, readonly ScoredWindow[]>;

/** Remembers whose window a judged one was until its verdict is final, and the final verdicts until they are taken. */
export class VerdictBook {
  private readonly owners = new Map<ScoredWindow, Owner>();
  private settled: SettledVerdict[] = [];

  note(window: ScoredWindow, key: string, anomalyId: string | undefined): void {
    this.owners.set(window, { key, anomalyId });
  }

  /** Takes an anomaly back that was flagged while its session grew, and is none now that the window is complete. */
  takeBack(key: string, anomalyId: string, verdict: Verdict): void {
    this.settled.push({ key, anomalyId, verdict, outcome: 'retracted' });
  }

  settle(settled: readonly SettledWindow[]): void {
    for (const { window, wasFlagged, verdict } of settled) {
      const owner = this.owners.get(window);
      this.owners.delete(window);
      if (!owner) continue;
      const outcome = verdict.isAnomaly ? 'confirmed' : 'retracted';
      const { key, anomalyId } = owner;
      this.settled.push({ key, anomalyId, verdict, outcome: wasFlagged ? outcome : undefined });
    }
  }

  /** What has become final since the last call, in the order in which it did. */
  take(): readonly SettledVerdict[] {
    const { settled } = this;
    this.settled = [];
    return settled;
  }

  /** @param unsettled the windows that detectors would settle, oldest first, by kind */
  snapshot(unsettled: UnsettledWindows): VerdictBookState {
    const owners = [...unsettled].map(
      ([kind, windows]) => [kind, windows.map((one) => this.owners.get(one) ?? null)] as const,
    );
    return {
      owners: Object.fromEntries(owners),
      settled: this.settled.filter(({ anomalyId }) => anomalyId !== undefined),
    };
  }

  /**
   * Goes on from the state of another book, before the first note.
   *
   * @param unsettled the windows of the detectors that were restored with it, in the same order. Where they are not as many as
   *   the state speaks of, those of that kind stay without an owner: no verdict is better than somebody else's
   */
  resume(state: VerdictBookState | undefined, unsettled: UnsettledWindows): void {
    if (!state) return;
    this.settled.push(...state.settled);
    for (const [kind, windows] of unsettled) {
      const owners = state.owners[kind] ?? [];
      if (owners.length !== windows.length) continue;
      for (const [place, window] of windows.entries()) {
        const owner = owners[place];
        if (owner) this.owners.set(window, owner);
      }
    }
  }
}
