import type { Anomaly, AnomalyState, EarlyFlag } from '@logbert/contracts';
import type { Verdict } from '@logbert/detection';
import type { WindowScore } from '@logbert/logbert';
import type { GrowingSession, Window, WindowKind } from '@logbert/sequences';
import type { JudgedWindow } from './judged-window';
import type { LineEntry } from './line-entry';
import type { VerdictBook } from './verdict-book';

/** Open sessions that one key may flag: more at a time show the same thing again, or a change of work. */
const MOST_OF_A_KEY = 3;

/** A session after one of its lines; its entries go on growing. */
export interface Growth {
  readonly session: GrowingSession<LineEntry>;
  /** How many lines it had. */
  readonly lines: number;
}

/** What came of a line, in order: windows that it completed, then the session that it made longer. */
export type Step = Window<LineEntry> | Growth;

/** Judges sessions by what no further line can undo. */
export interface GrowthJudge {
  /** Whether the last of the lines can make the session odder; asked of every line, hence cheap. */
  isTelling(line: LineEntry, session: GrowingSession<LineEntry>): boolean;
  judgeGrowing(entries: readonly LineEntry[], kind: WindowKind): Verdict | undefined;
}

/** The first lines of a session that is an anomaly by them already. */
export interface EarlyFinding {
  readonly window: FoundWindow;
  readonly verdict: Verdict;
  readonly noted: NotedFlag;
}

/** What an anomaly tells of a window, complete or not. */
export type FoundWindow = Pick<Window<LineEntry>, 'key' | 'kind' | 'entries' | 'firstOffset'>;

/** That a session was flagged while it grew. */
export interface NotedFlag {
  readonly early: EarlyFlag;
  readonly detectedAt: number;
  /** Its keys that few other windows have, of the line that showed it and of later ones. */
  readonly shows: readonly string[];
}

/** How far a flagged window is, and whether it was flagged before it was complete. */
export interface FlagOf {
  readonly state: AnomalyState;
  readonly noted: NotedFlag | undefined;
}

/** What was flagged in a step. */
export interface FlaggedStep {
  readonly window: FoundWindow;
  readonly verdict: Verdict;
  /** Undefined of a session that still grows, without a model, and where it could not score. */
  readonly score: WindowScore | undefined;
  readonly flag: FlagOf;
}

/** Tells why it was flagged. */
export type ExplainStep = (flagged: FlaggedStep) => Promise<Anomaly>;

/** What is remembered of windows from one line to the next, whoever judges them. */
export interface StepMemory {
  readonly growing: GrowingSessions;
  readonly verdicts: VerdictBook;
}

/** What steps came to. */
export interface ConcludedSteps {
  readonly judged: readonly JudgedWindow[];
  readonly anomalies: readonly Anomaly[];
}

export type GrowingSessionsState = readonly (readonly [session: string, noted: NotedFlag])[];

/** Has sessions judged line by line while they grow, and remembers which were flagged until they are complete. */
export class GrowingSessions {
  private readonly flags = new Map<string, NotedFlag>();
  /** How many open sessions that are flagged have each key. */
  private readonly flaggedWith = new Map<string, number>();

  /** @returns undefined when these lines give no reason to flag the session, or it is flagged already */
  lookAt({ session, lines }: Growth, judge: GrowthJudge, nowMs: number): EarlyFinding | undefined {
    const { name, kind, entries } = session;
    const [first, last] = [entries[0], entries[lines - 1]];
    if (!first || !last || !judge.isTelling(last, session)) return undefined;
    // With a model each line without a template counts; of all others only the first of a key does.
    const isEachCounted = last.isNovel && last.modelId !== undefined;
    if (!isEachCounted && isRepeated(entries, lines - 1)) return undefined;
    const by = keyOf(last);
    const own = nameOf(name, first.offset);
    const known = this.flags.get(own);
    if (known) {
      this.note(own, { ...known, shows: [...known.shows, by] });
      return undefined;
    }
    if ((this.flaggedWith.get(by) ?? 0) >= MOST_OF_A_KEY) return undefined;
    const begun = entries.slice(0, lines);
    const verdict = judge.judgeGrowing(begun, kind);
    if (!verdict?.isAnomaly) return undefined;
    const early = { position: lines - 1, at: last.timestampMs, pValue: verdict.pValue };
    const noted = { early, detectedAt: nowMs, shows: [by] };
    this.note(own, noted);
    const window = { key: name, kind, entries: begun, firstOffset: first.offset };
    return { window, verdict, noted };
  }

  /** The flag of a session that is complete, which then is forgotten. */
  take({ key, firstOffset }: Pick<FoundWindow, 'key' | 'firstOffset'>): NotedFlag | undefined {
    if (this.flags.size === 0) return undefined;
    const own = nameOf(key, firstOffset);
    const noted = this.flags.get(own);
    if (!noted) return undefined;
    this.flags.delete(own);
    for (const key of noted.shows) this.count(key, -1);
    return noted;
  }

  snapshot(): GrowingSessionsState {
    return [...this.flags];
  }

  /** Goes on where another one was, before the first line. */
  resume(state: GrowingSessionsState): void {
    for (const [own, noted] of state) this.note(own, noted);
  }

  private note(own: string, noted: NotedFlag): void {
    const before = new Set(this.flags.get(own)?.shows);
    const shows = [...new Set(noted.shows)];
    for (const key of shows) if (!before.has(key)) this.count(key, 1);
    this.flags.set(own, { ...noted, shows });
  }

  private count(key: string, by: 1 | -1): void {
    const sessions = (this.flaggedWith.get(key) ?? 0) + by;
    if (sessions > 0) this.flaggedWith.set(key, sessions);
    else this.flaggedWith.delete(key);
  }
}

export function isGrowth(step: Step): step is Growth {
  return 'session' in step;
}

function nameOf(key: string, firstOffset: number): string {
  return `${firstOffset}:${key}`;
}

/** Whether a line before has the key of this one. */
function isRepeated(entries: readonly LineEntry[], position: number): boolean {
  const own = entries[position];
  for (let before = 0; before < position; before++) {
    const other = entries[before];
    if (other?.token !== own?.token || other?.isNovel !== own?.isNovel) continue;
    if (other?.cluster === own?.cluster) return true;
  }
  return false;
}

/** Lines without a template of the model are told apart by their group, whose number stays. */
function keyOf({ isNovel, cluster, token, templateId }: LineEntry): string {
  return isNovel ? `group ${cluster ?? templateId}` : `token ${token}`;
}
