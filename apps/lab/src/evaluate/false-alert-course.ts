/** Normal sessions in a row that are counted together. */
const SESSIONS_A_STEP = 500;

export interface FalseAlertSteps {
  /** Normal sessions of a step, in the order in which they were judged first; the last step may have fewer. */
  readonly sessionsAStep: number;
  /** How many of each step were flagged. */
  readonly immediate: readonly number[];
  /** And how many of those stood when their verdict was final. */
  readonly deferred: readonly number[];
}

/** Where in a test normal sessions are flagged: after a change of work they come together, and should end. */
export class FalseAlertCourse {
  private readonly flagged = new Map<string, boolean>();
  private readonly confirmed = new Set<string>();

  /** Takes the windows in the order in which they are judged. */
  note(session: string, isAnomaly: boolean): void {
    this.flagged.set(session, (this.flagged.get(session) ?? false) || isAnomaly);
  }

  settle(session: string, outcome: 'confirmed' | 'retracted' | undefined): void {
    if (outcome === 'confirmed') this.confirmed.add(session);
  }

  /** @param labels whether each session that counts is abnormal */
  steps(labels: ReadonlyMap<string, boolean>): FalseAlertSteps {
    const normal = [...this.flagged].filter(([session]) => labels.get(session) === false);
    const immediate: number[] = [];
    const deferred: number[] = [];
    for (const [place, [session, isFlagged]] of normal.entries()) {
      const step = Math.floor(place / SESSIONS_A_STEP);
      immediate[step] = (immediate[step] ?? 0) + Number(isFlagged);
      deferred[step] = (deferred[step] ?? 0) + Number(this.confirmed.has(session));
    }
    return { sessionsAStep: SESSIONS_A_STEP, immediate, deferred };
  }
}

export function falseAlertSentence({ sessionsAStep, ...steps }: FalseAlertSteps): string {
  return (
    `false alerts of each ${sessionsAStep} normal sessions in a row: ${steps.immediate.join(', ')}; ` +
    `that stood fifty windows later: ${steps.deferred.join(', ')}`
  );
}
