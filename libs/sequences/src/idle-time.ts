/** Silence that ends a window as long as nobody has learnt a better one. */
export const UNLEARNT_IDLE_MS = 10_000;

/** Share of sessions that may go on after they were taken for complete. */
const SPLIT_SHARE = 0.01;
/** The longest silence seen is not the longest there will be. */
const MARGIN = 2;
const LEAST_IDLE_MS = 1_000;
/** A session is judged when it is complete: a longer silence would be an anomaly told an hour too late. */
const MOST_IDLE_MS = 3_600_000;
/** Fewest sessions of several lines that say anything. */
const MIN_SESSIONS = 20;
/** Sessions that are followed; later ones say little more. */
const MAX_SESSIONS = 200_000;

interface Followed {
  lastEventMs: number;
  longestMs: number;
}

/**
 * Learns from a stream how long a session may be silent before it is complete.
 *
 * The shortest silence after which at most one session in a hundred goes on, twofold, between a second and an hour. Silence is
 * measured as `WindowAssembler` does, in the stream's own event time. Sessions that are silent for longer than an hour are
 * cut, and their later pieces judged as continuations.
 */
export class IdleTimeLearner {
  private readonly clocks = new Map<string, number>();
  private readonly sessions = new Map<string, Followed>();

  /**
   * @param partition sessions of one partition share a clock
   * @param timestampMs event time, epoch milliseconds
   */
  note(partition: string, sessionKey: string, timestampMs: number): void {
    const eventMs = Math.max(timestampMs, this.clocks.get(partition) ?? -Infinity);
    this.clocks.set(partition, eventMs);
    const name = `${partition}\n${sessionKey}`;
    const session = this.sessions.get(name);
    if (session) {
      session.longestMs = Math.max(session.longestMs, eventMs - session.lastEventMs);
      session.lastEventMs = eventMs;
    } else if (this.sessions.size < MAX_SESSIONS) {
      this.sessions.set(name, { lastEventMs: eventMs, longestMs: -1 });
    }
  }

  /** @returns milliseconds in `[1_000, 3_600_000]`; undefined when fewer than 20 sessions had more than one line */
  idleMs(): number | undefined {
    const silences = [...this.sessions.values()].map(({ longestMs }) => longestMs);
    if (silences.filter((ms) => ms >= 0).length < MIN_SESSIONS) return undefined;
    silences.sort((a, b) => a - b);
    const allowed = Math.floor(SPLIT_SHARE * silences.length);
    const longest = silences[silences.length - 1 - allowed] ?? 0;
    return Math.min(MOST_IDLE_MS, Math.max(LEAST_IDLE_MS, MARGIN * longest));
  }
}
