/** Counts in what our answers and drain3's differ. */
export class Drain3Comparison {
  private readonly columns = new Map<string, number>();
  /** The first differences, for people. */
  readonly examples: string[] = [];
  lines = 0;

  constructor(private readonly mostExamples = 3) {}

  /** Counts a difference when the two are not the same text. */
  compare(place: string, column: string, ours: string, theirs: string | undefined): void {
    if (ours === theirs) return;
    this.columns.set(column, (this.columns.get(column) ?? 0) + 1);
    if (this.examples.length < this.mostExamples) {
      this.examples.push(
        `${place}, ${column}: ours ${quote(ours)}, drain3 ${quote(theirs ?? 'nothing')}`,
      );
    }
  }

  get differences(): number {
    return [...this.columns.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Differences by column; those without any are not in it. */
  get byColumn(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.columns);
  }
}

function quote(text: string): string {
  return text.length > 120 ? `"${text.slice(0, 120)}…"` : `"${text}"`;
}
