/** When a source counts as one whose lines cannot be grouped. */
export interface QuarantineSettings {
  /** Lines over which the share of founding lines is taken. */
  readonly windowLines: number;
  /** Share of lines, in (0, 1], that found a template of their own, from which a window counts as churn. */
  readonly createdShare: number;
  /** Such windows on end, templates having been forgotten in them, that lead into quarantine. */
  readonly windows: number;
  /** Lines until grouping is tried again; doubles with every try that fails, up to 64 times. */
  readonly restLines: number;
}

export const DEFAULT_QUARANTINE: QuarantineSettings = {
  windowLines: 2_000,
  createdShare: 0.5,
  windows: 3,
  restLines: 20_000,
};

const LONGEST_REST = 64;

/** The figures that led into quarantine, or kept a source there. */
export interface QuarantineReason {
  /** Lines that were looked at. */
  readonly lines: number;
  /** How many of them founded a template of their own. */
  readonly created: number;
  /** Templates that were forgotten meanwhile. */
  readonly forgotten: number;
}

/**
 * How a miner takes lines that no template is like.
 *
 * `grouping`: each founds a template. `quarantined`: none does; they are counted together. `trying`: each founds one again,
 * for a window after which it is decided.
 */
export type GroupingStatus =
  | { readonly state: 'grouping' }
  | {
      readonly state: 'quarantined';
      readonly reason: QuarantineReason;
      /** Lines since the beginning of this quarantine that no template took. */
      readonly refusedLines: number;
      /** Lines until grouping is tried again. */
      readonly linesLeft: number;
    }
  | {
      readonly state: 'trying';
      readonly reason: QuarantineReason;
      readonly refusedLines: number;
      readonly linesLeft: number;
    };

/** What a watch knows, as plain data. */
export interface QuarantineState {
  readonly phase: GroupingStatus['state'];
  readonly linesLeft: number;
  readonly streak: number;
  readonly createdInStreak: number;
  readonly restLines: number;
  readonly refusedLines: number;
  readonly createdBefore: number;
  readonly forgottenBefore: number;
  readonly reason: QuarantineReason;
}

const NO_REASON: QuarantineReason = { lines: 0, created: 0, forgotten: 0 };

/** The reason in words. */
export function describeQuarantine({ lines, created, forgotten }: QuarantineReason): string {
  const share = lines === 0 ? 0 : Math.round((100 * created) / lines);
  return `${created} of ${lines} lines (${share} %) founded a template of their own and ${forgotten} templates were forgotten for them`;
}

/**
 * Watches whether a source's lines can be grouped: a circuit breaker that counts in lines.
 *
 * Founded and forgotten templates are told as running totals, so that a line costs one subtraction.
 */
export class QuarantineWatch {
  private phase: GroupingStatus['state'] = 'grouping';
  private linesLeft: number;
  /** Churning windows on end, and what was founded in them. */
  private streak = 0;
  private createdInStreak = 0;
  private restLines: number;
  private refusedLines = 0;
  /** Running totals at the beginning of the streak, or of the try. */
  private createdBefore = 0;
  private forgottenBefore = 0;
  private reason = NO_REASON;

  constructor(private readonly settings: QuarantineSettings) {
    this.linesLeft = settings.windowLines;
    this.restLines = settings.restLines;
  }

  /** Whether a line that no template is like may found one. */
  get mayFound(): boolean {
    return this.phase !== 'quarantined';
  }

  get status(): GroupingStatus {
    const { phase, reason, refusedLines, linesLeft } = this;
    return phase === 'grouping'
      ? { state: phase }
      : { state: phase, reason, refusedLines, linesLeft };
  }

  /**
   * Counts a line that no template took.
   *
   * @returns how many there have been in this quarantine
   */
  refuse(): number {
    return ++this.refusedLines;
  }

  /**
   * Counts a learned line.
   *
   * @param created templates founded since the miner began
   * @param forgotten templates forgotten since the miner began
   */
  count(created: number, forgotten: number): void {
    if (--this.linesLeft > 0) return;
    if (this.phase === 'quarantined') this.enter('trying', created, forgotten);
    else if (this.phase === 'trying') this.concludeTry(created, forgotten);
    else this.concludeWindow(created, forgotten);
  }

  private concludeWindow(created: number, forgotten: number): void {
    const { windowLines, windows } = this.settings;
    const founded = created - this.createdBefore;
    if (!this.isChurn(founded - this.createdInStreak)) {
      this.enter('grouping', created, forgotten);
      return;
    }
    this.streak++;
    this.createdInStreak = founded;
    const lost = forgotten - this.forgottenBefore;
    if (this.streak < windows || lost === 0) {
      this.linesLeft = windowLines;
      return;
    }
    this.reason = { lines: this.streak * windowLines, created: founded, forgotten: lost };
    this.refusedLines = 0;
    this.restLines = this.settings.restLines;
    this.enter('quarantined', created, forgotten);
  }

  private concludeTry(created: number, forgotten: number): void {
    const { windowLines, restLines } = this.settings;
    const founded = created - this.createdBefore;
    if (!this.isChurn(founded)) {
      this.enter('grouping', created, forgotten);
      return;
    }
    const lost = forgotten - this.forgottenBefore;
    this.reason = { lines: windowLines, created: founded, forgotten: lost };
    this.restLines = Math.min(this.restLines * 2, restLines * LONGEST_REST);
    this.enter('quarantined', created, forgotten);
  }

  private isChurn(founded: number): boolean {
    return founded >= this.settings.createdShare * this.settings.windowLines;
  }

  private enter(phase: GroupingStatus['state'], created: number, forgotten: number): void {
    this.phase = phase;
    this.streak = 0;
    this.createdInStreak = 0;
    this.createdBefore = created;
    this.forgottenBefore = forgotten;
    this.linesLeft = phase === 'quarantined' ? this.restLines : this.settings.windowLines;
  }

  state(): QuarantineState {
    const { phase, linesLeft, streak, createdInStreak, restLines, refusedLines } = this;
    const { createdBefore, forgottenBefore, reason } = this;
    return {
      phase,
      linesLeft,
      streak,
      createdInStreak,
      restLines,
      refusedLines,
      createdBefore,
      forgottenBefore,
      reason,
    };
  }

  /** Goes on from the state of another watch of the same settings. */
  resume(state: QuarantineState): this {
    this.phase = state.phase;
    this.linesLeft = state.linesLeft;
    this.streak = state.streak;
    this.createdInStreak = state.createdInStreak;
    this.restLines = state.restLines;
    this.refusedLines = state.refusedLines;
    this.createdBefore = state.createdBefore;
    this.forgottenBefore = state.forgottenBefore;
    this.reason = state.reason;
    return this;
  }
}
