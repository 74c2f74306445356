import type { ScoredWindow, SettledWindow, Verdict } from '@logbert/detection';

/** The final word on a window that was judged. */
export interface SettledVerdict {
  readonly key: string;
  /** Of a window that was flagged. */
  readonly anomalyId: string | undefined;
  /** Of a window that was flagged; nothing else becomes an anomaly afterwards. */
  readonly outcome: 'confirmed' | 'retracted' | undefined;
  readonly verdict: Verdict;
}

/** Remembers whose window a judged one was until its verdict is final. */
export class VerdictBook {
  private readonly owners = new Map<ScoredWindow, { key: string; anomalyId: string | undefined }>();

  note(window: ScoredWindow, key: string, anomalyId: string | undefined): void {
    this.owners.set(window, { key, anomalyId });
  }

  settle(settled: readonly SettledWindow[]): readonly SettledVerdict[] {
    return settled.flatMap(({ window, wasFlagged, verdict }) => {
      const owner = this.owners.get(window);
      this.owners.delete(window);
      if (!owner) return [];
      const outcome = verdict.isAnomaly ? 'confirmed' : 'retracted';
      return [{ ...owner, verdict, outcome: wasFlagged ? outcome : undefined }];
    });
  }
}
