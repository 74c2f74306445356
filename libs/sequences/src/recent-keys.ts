/**
 * Keys seen lately: at least the last `least` different ones, at most twice as many.
 *
 * Two generations, the older dropped whole: taking single entries from the front of a large `Set` is not O(1), since it
 * steps over what was deleted there.
 */
export class RecentKeys {
  private recent = new Set<string>();
  private older = new Set<string>();

  constructor(private readonly least: number) {}

  add(key: string): void {
    this.recent.add(key);
    if (this.recent.size < this.least) return;
    this.older = this.recent;
    this.recent = new Set();
  }

  has(key: string): boolean {
    return this.recent.has(key) || this.older.has(key);
  }

  /** Every key that is known, oldest generation first: added again in this order they give the same answers. */
  keys(): readonly string[] {
    return [...this.older, ...this.recent];
  }
}
