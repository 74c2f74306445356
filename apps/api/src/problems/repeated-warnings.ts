/** Kinds that are told apart; who may name them is anybody who sends requests. */
const MOST_KINDS = 64;
const OTHERS = 'other requests were refused';
const EVERY_MS = 10_000;

/**
 * Says a thing at once, and that it goes on only every ten seconds, with how often: a flood of requests must not become a flood of
 * the log.
 */
export class RepeatedWarnings {
  /** How often each was to be said since it was last. */
  private readonly counts = new Map<string, number>();

  constructor(private readonly warn: (text: string) => void) {}

  say(text: string): void {
    const known = this.counts.has(text) || this.counts.size < MOST_KINDS ? text : OTHERS;
    const count = this.counts.get(known);
    if (count !== undefined) {
      this.counts.set(known, count + 1);
      return;
    }
    this.warn(known);
    this.counts.set(known, 0);
    this.waitFor(known);
  }

  private waitFor(text: string): void {
    setTimeout(() => {
      const count = this.counts.get(text) ?? 0;
      if (count === 0) {
        this.counts.delete(text);
        return;
      }
      this.warn(`${text} (${count} more in the last ${EVERY_MS / 1_000} s)`);
      this.counts.set(text, 0);
      this.waitFor(text);
    }, EVERY_MS).unref();
  }
}
