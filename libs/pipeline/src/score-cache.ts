import type { WindowScore } from '@logbert/logbert';

type ScoreWindows = (windows: readonly Int32Array[]) => Promise<readonly WindowScore[]>;

/** On average; a window of as many takes some two and a half kibibytes with its score. */
const LINES_A_WINDOW = 32;

/**
 * Remembers the scores of the windows seen last. Exact in fp32, where the same keys always have the same score. In int8 a score hangs a little on the
 * windows that are scored with it, and the first one is kept. Logs repeat themselves, so most windows are never scored twice.
 *
 * @param capacity windows remembered, and 32 times as many lines; the one not used for longest goes first
 */
export class ScoreCache {
  private readonly known = new Map<string, WindowScore>();
  private readonly mostLines: number;
  private lines = 0;

  constructor(
    private readonly scoreWindows: ScoreWindows,
    private readonly capacity: number,
  ) {
    this.mostLines = LINES_A_WINDOW * capacity;
  }

  /** Scores in the order of `windows`; each distinct unknown window is scored once. */
  async score(windows: readonly Int32Array[]): Promise<readonly WindowScore[]> {
    const keys = windows.map(keyOf);
    const scores = new Map<string, WindowScore>();
    const missing = new Map<string, Int32Array>();
    for (const [index, key] of keys.entries()) {
      const known = this.known.get(key);
      const window = windows[index];
      if (known) {
        this.known.delete(key);
        this.known.set(key, known);
        scores.set(key, known);
      } else if (window) {
        missing.set(key, window);
      }
    }
    if (missing.size > 0) {
      const fresh = await this.scoreWindows([...missing.values()]);
      for (const [index, key] of [...missing.keys()].entries()) {
        const score = fresh[index];
        if (!score)
          throw new RangeError(
            `the scorer gave ${fresh.length} scores for ${missing.size} windows`,
          );
        scores.set(key, score);
        this.remember(key, score);
      }
    }
    return keys.map((key) => {
      const score = scores.get(key);
      if (!score) throw new RangeError('a window was left without a score');
      return score;
    });
  }

  private remember(key: string, score: WindowScore): void {
    this.known.set(key, score);
    this.lines += score.surprise.length;
    for (const [oldest, { surprise }] of this.known) {
      const hasRoom = this.known.size <= this.capacity && this.lines <= this.mostLines;
      if (hasRoom) return;
      this.known.delete(oldest);
      this.lines -= surprise.length;
    }
  }
}

/** The window's bytes as a string: exact, and cheap to hash. */
function keyOf(window: Int32Array): string {
  return Buffer.from(window.buffer, window.byteOffset, window.byteLength).toString('latin1');
}
