import type { WindowSettings } from '@logbert/contracts';
import { UNLEARNT_IDLE_MS } from './idle-time';
import { IdleQueue, type Queued } from './idle-queue';
import { OpeningOrder } from './opening-order';
import { RecentKeys } from './recent-keys';
import type { GrowingSession, Window, WindowEntry, WindowKind } from './window';

/** Sliding windows for the lines of a session stream that have no session key. */
const KEYLESS_SIZE = 20;
const KEYLESS_STRIDE = 10;
/** Lines that open windows may hold, each of as many as may be open: a few long sessions take the place of many short ones. */
const OPEN_LINES_A_WINDOW = 64;

interface Shape {
  readonly size: number;
  /** Entries that leave when the window is full: all of them for a session. */
  readonly stride: number;
  readonly closedWhenFull: 'length' | 'stride';
}

export interface AssemblerLimits {
  readonly maxOpenWindows: number;
  /**
   * Whether the lines of a session are put in the order of their times when it is complete: they came from several
   * partitions, and in no order between them. Lines of one time stay in the order of arrival.
   */
  readonly sessionsByTime?: boolean;
}

/** The state of an assembler, for one that goes on in its place; entries are as they were pushed. */
export interface AssemblerSnapshot<Entry> {
  /** Largest event time of the stream; null before the first line. */
  readonly eventMs: number | null;
  /** The one silent longest first. */
  readonly windows: readonly {
    readonly name: string;
    readonly kind: WindowKind;
    readonly entries: readonly Entry[];
    readonly overlap: number;
    readonly lastEventMs: number;
  }[];
  readonly endedSessions: readonly string[];
}

/** A window that still takes entries. */
class OpenWindow<Entry> implements Queued<OpenWindow<Entry>> {
  older: OpenWindow<Entry> | undefined;
  newer: OpenWindow<Entry> | undefined;
  isOpen = true;
  entries: Entry[] = [];
  /** Entries at the front that an earlier window had. */
  overlap = 0;
  lastEventMs = 0;
  lastWallMs = 0;

  constructor(
    /** Session key or service. */
    readonly name: string,
    readonly kind: WindowKind,
    readonly shape: Shape,
  ) {}
}

/**
 * Puts lines together into the windows that are scored.
 *
 * A session is one window a key; other lines form sliding windows of their service. A window is complete when it is
 * full, when it has been silent too long, or when it must leave for newer ones; no line is ever dropped. Silence is
 * event time: the largest timestamp of the stream now, less what it was at the window's last line. That order is also
 * the order of arrival, so each push costs O(1) amortised.
 */
export class WindowAssembler<Entry extends WindowEntry> {
  private readonly sessions = new Map<string, OpenWindow<Entry>>();
  private readonly services = new Map<string, OpenWindow<Entry>>();
  private readonly openingOrder = new OpeningOrder<OpenWindow<Entry>>();
  private readonly queue = new IdleQueue<OpenWindow<Entry>>();
  /** Keys of sessions whose last window is complete: as many as windows may be open, or more. */
  private readonly endedSessions: RecentKeys;
  private readonly isIdleLearnt: boolean;
  private idleMs: number;
  private readonly maxOpenWindows: number;
  private readonly maxOpenLines: number;
  private openLines = 0;
  private readonly sessionsByTime: boolean;
  private readonly sessionShape: Shape | undefined;
  private readonly serviceShape: Shape;
  private eventMs = -Infinity;
  private wallMs = -Infinity;
  private latest: OpenWindow<Entry> | undefined;

  constructor(settings: WindowSettings, limits: AssemblerLimits) {
    if (!Number.isInteger(limits.maxOpenWindows) || limits.maxOpenWindows < 1) {
      throw new RangeError(`maxOpenWindows: ${limits.maxOpenWindows} is not an integer >= 1`);
    }
    this.maxOpenWindows = limits.maxOpenWindows;
    this.sessionsByTime = limits.sessionsByTime ?? false;
    this.endedSessions = new RecentKeys(limits.maxOpenWindows);
    this.isIdleLearnt = settings.idleMs === 'auto';
    this.idleMs = settings.idleMs === 'auto' ? UNLEARNT_IDLE_MS : settings.idleMs;
    if (settings.kind === 'session') {
      const { maxLength } = settings;
      this.sessionShape = { size: maxLength, stride: maxLength, closedWhenFull: 'length' };
      this.serviceShape = { size: KEYLESS_SIZE, stride: KEYLESS_STRIDE, closedWhenFull: 'stride' };
    } else {
      const { size, stride } = settings;
      this.serviceShape = { size, stride, closedWhenFull: 'stride' };
    }
    this.maxOpenLines = Math.max(
      OPEN_LINES_A_WINDOW * limits.maxOpenWindows,
      this.sessionShape?.size ?? 0,
    );
  }

  /** Takes over the silence that a model has learnt; undefined, or settings with a number, leave things as they are. */
  learnIdle(idleMs: number | undefined): void {
    if (this.isIdleLearnt && idleMs !== undefined) this.idleMs = idleMs;
  }

  /** Windows that still take entries. */
  get openWindows(): number {
    return this.queue.size;
  }

  /** The session of the line that was pushed last; undefined when that line completed it, or is of no session. */
  get growing(): GrowingSession<Entry> | undefined {
    const { latest } = this;
    return latest?.isOpen && latest.kind !== 'sliding' ? latest : undefined;
  }

  /**
   * Takes a line.
   *
   * @param nowMs the present time in epoch milliseconds; a timestamp that lies after it counts as now, so that one
   * wrong clock does not close every session. Left out, the line's own time stands for it.
   * @param heardMs the time of `closeIdle`, any clock that goes on only while lines would be heard; left out, the present
   * @returns the windows this line completed: others that fell silent or had to leave, then its own when it is full
   */
  push(
    entry: Entry,
    nowMs: number = entry.timestampMs,
    heardMs: number = nowMs,
  ): readonly Window<Entry>[] {
    const closed: Window<Entry>[] = [];
    const eventMs = Math.min(entry.timestampMs, nowMs);
    // Written as comparisons so that a NaN never becomes the stream's time.
    if (eventMs > this.eventMs) this.eventMs = eventMs;
    if (heardMs > this.wallMs) this.wallMs = heardMs;
    this.closeSilent(closed, (window) => this.eventMs - window.lastEventMs > this.idleMs);

    const window = this.windowOf(entry, closed);
    window.entries.push(entry);
    this.latest = window;
    this.openLines++;
    window.lastEventMs = this.eventMs;
    window.lastWallMs = this.wallMs;
    if (window.entries.length >= window.shape.size) this.advance(window, closed);
    this.makeRoom(closed);
    return closed;
  }

  /** Completes the windows whose last line came more than `idleMs` before by the clock that `push` was given as `heardMs`. */
  closeIdle(heardMs: number): readonly Window<Entry>[] {
    const closed: Window<Entry>[] = [];
    this.closeSilent(closed, (window) => heardMs - window.lastWallMs > this.idleMs);
    return closed;
  }

  /** Completes every window, the one silent longest first. */
  flush(): readonly Window<Entry>[] {
    const closed: Window<Entry>[] = [];
    for (let window = this.queue.oldest; window; window = this.queue.oldest) {
      this.close(window, 'flush', closed);
    }
    return closed;
  }

  /** The smallest offset that an open window still needs; undefined when none is open. */
  lowWatermark(): number | undefined {
    let lowest = this.openingOrder.firstOpen()?.entries[0]?.offset;
    for (const { entries } of this.services.values()) {
      const offset = entries[0]?.offset;
      if (offset !== undefined && (lowest === undefined || offset < lowest)) lowest = offset;
    }
    return lowest;
  }

  snapshot(): AssemblerSnapshot<Entry> {
    const windows: AssemblerSnapshot<Entry>['windows'][number][] = [];
    for (let window = this.queue.oldest; window; window = window.newer) {
      const { name, kind, entries, overlap, lastEventMs } = window;
      windows.push({ name, kind, entries: [...entries], overlap, lastEventMs });
    }
    return {
      eventMs: this.eventMs === -Infinity ? null : this.eventMs,
      windows,
      endedSessions: this.endedSessions.keys(),
    };
  }

  /**
   * Goes on where a snapshot was taken; for an assembler of the same settings that has had no line yet.
   *
   * @param heardMs the time of `closeIdle`: from it the windows' silence by that clock is counted, since nobody listened
   * meanwhile
   */
  resume(snapshot: AssemblerSnapshot<Entry>, heardMs: number): void {
    if (snapshot.eventMs !== null) this.eventMs = snapshot.eventMs;
    this.wallMs = heardMs;
    for (const key of snapshot.endedSessions) this.endedSessions.add(key);
    const opened: OpenWindow<Entry>[] = [];
    for (const { name, kind, entries, overlap, lastEventMs } of snapshot.windows) {
      const isSession = kind !== 'sliding' && this.sessionShape !== undefined;
      const shape = isSession ? this.sessionShape : this.serviceShape;
      const window = new OpenWindow<Entry>(name, kind, shape);
      Object.assign(window, { entries: [...entries], overlap, lastEventMs, lastWallMs: heardMs });
      (isSession ? this.sessions : this.services).set(name, window);
      this.openLines += entries.length;
      this.queue.append(window);
      if (isSession) opened.push(window);
    }
    const firstOf = ({ entries }: OpenWindow<Entry>): number => entries[0]?.offset ?? 0;
    opened.sort((a, b) => firstOf(a) - firstOf(b));
    for (const window of opened) this.openingOrder.add(window);
  }

  private windowOf(entry: Entry, closed: Window<Entry>[]): OpenWindow<Entry> {
    const { sessionShape } = this;
    const isSession = sessionShape !== undefined && entry.sessionKey !== undefined;
    const windows = isSession ? this.sessions : this.services;
    const name = isSession ? (entry.sessionKey as string) : entry.service;
    const open = windows.get(name);
    if (open) {
      this.queue.touch(open);
      return open;
    }
    if (this.queue.size >= this.maxOpenWindows && this.queue.oldest) {
      this.close(this.queue.oldest, 'eviction', closed);
    }
    const shape = isSession ? sessionShape : this.serviceShape;
    const own = copyOf(name);
    const window = new OpenWindow<Entry>(own, this.kindOf(own, isSession), shape);
    windows.set(own, window);
    this.queue.append(window);
    if (isSession) this.openingOrder.add(window);
    return window;
  }

  private kindOf(name: string, isSession: boolean): WindowKind {
    if (!isSession) return 'sliding';
    return this.endedSessions.has(name) ? 'continuation' : 'session';
  }

  private closeSilent(
    closed: Window<Entry>[],
    isSilent: (window: OpenWindow<Entry>) => boolean,
  ): void {
    for (let window = this.queue.oldest; window; window = this.queue.oldest) {
      if (!isSilent(window)) return;
      this.close(window, 'idle', closed);
    }
  }

  /** Lets the windows silent longest leave while all together hold too many lines; the last one stays. */
  private makeRoom(closed: Window<Entry>[]): void {
    while (this.openLines > this.maxOpenLines && this.queue.size > 1 && this.queue.oldest) {
      this.close(this.queue.oldest, 'eviction', closed);
    }
  }

  /** Hands a full window on; a sliding one keeps what the next shares with it. */
  private advance(window: OpenWindow<Entry>, closed: Window<Entry>[]): void {
    const { size, stride, closedWhenFull } = window.shape;
    if (stride === size) {
      this.close(window, closedWhenFull, closed);
      return;
    }
    closed.push(this.finished(window, closedWhenFull));
    this.openLines -= stride;
    window.entries = window.entries.slice(stride);
    window.overlap = window.entries.length;
  }

  private close(
    window: OpenWindow<Entry>,
    closedBy: Window<Entry>['closedBy'],
    closed: Window<Entry>[],
  ): void {
    this.queue.remove(window);
    this.openLines -= window.entries.length;
    window.isOpen = false;
    if (window.kind === 'sliding') this.services.delete(window.name);
    else {
      this.sessions.delete(window.name);
      this.endedSessions.add(window.name);
    }
    if (window.entries.length > window.overlap) closed.push(this.finished(window, closedBy));
  }

  private finished(
    { name, kind, entries: received, overlap }: OpenWindow<Entry>,
    closedBy: Window<Entry>['closedBy'],
  ): Window<Entry> {
    const isSession = kind !== 'sliding';
    const key = isSession ? name : `service:${name}`;
    const service = isSession ? undefined : name;
    const firstOffset = received[0]?.offset ?? 0;
    const closedAtMs = this.eventMs;
    const entries = isSession && this.sessionsByTime ? received.toSorted(byTime) : received;
    return { key, kind, service, entries, closedBy, firstOffset, closedAtMs, freshFrom: overlap };
  }
}

/** The same text: a key cut out of a line would keep the line in memory for as long as it is remembered itself. */
function copyOf(name: string): string {
  return JSON.parse(JSON.stringify(name)) as string;
}

function byTime(a: WindowEntry, b: WindowEntry): number {
  return a.timestampMs - b.timestampMs;
}
