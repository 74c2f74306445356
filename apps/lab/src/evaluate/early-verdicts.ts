import type { JudgedWindow } from '@logbert/pipeline';
import { fraction } from '../reporting/table';

export interface EarlyFigures {
  /** Sessions that were flagged. */
  readonly flagged: number;
  /** Share of them that were flagged while they still took lines. */
  readonly share: number;
  /** Of those, the median number of lines that were still to come. */
  readonly medianLinesToCome: number;
  /** Of those, the median event time from the line that showed it until the session was complete. */
  readonly medianSecondsToClose: number;
  /** Of those, how many were no anomaly any more when they were complete, and hence taken back. */
  readonly takenBack: number;
}

/** Measures how much sooner sessions are flagged that are judged while they grow. */
export class EarlyVerdicts {
  private flagged = 0;
  private takenBack = 0;
  private readonly lines: number[] = [];
  private readonly seconds: number[] = [];

  note({ verdict, early, tokens, closedAtMs }: JudgedWindow): void {
    if (!verdict.isAnomaly && !early) return;
    this.flagged++;
    if (!early) return;
    if (!verdict.isAnomaly) this.takenBack++;
    this.lines.push(tokens.length - early.position - 1);
    this.seconds.push(Math.max(0, closedAtMs - early.at) / 1_000);
  }

  /** Undefined when no session was flagged. */
  figures(): EarlyFigures | undefined {
    if (this.flagged === 0) return undefined;
    return {
      flagged: this.flagged,
      share: this.lines.length / this.flagged,
      medianLinesToCome: medianOf(this.lines),
      medianSecondsToClose: medianOf(this.seconds),
      takenBack: this.takenBack,
    };
  }
}

export function earlySentence(figures: EarlyFigures): string {
  const { flagged, share, medianLinesToCome, medianSecondsToClose, takenBack } = figures;
  if (share === 0) return `${flagged} sessions flagged, none before it was complete`;
  return (
    `${flagged} sessions flagged, ${fraction(share)} of them before they were complete: ` +
    `median ${medianLinesToCome} lines and ${medianSecondsToClose.toFixed(1)} s of event time sooner; ` +
    `${takenBack} of these were taken back when they were`
  );
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
