import { RecentScores } from './recent-scores';

/** What recent windows scored: by name of a channel or combination, and by kind of window. */
export class RecentChannels {
  private readonly byName = new Map<string, RecentScores[]>();

  static restore(
    snapshot: Readonly<Record<string, readonly (readonly number[])[]>>,
  ): RecentChannels {
    const channels = new RecentChannels();
    for (const [name, cells] of Object.entries(snapshot)) {
      for (const [cell, scores] of cells.entries()) {
        const recent = channels.of(name, cell);
        for (const score of scores) recent.enter(score);
      }
    }
    return channels;
  }

  snapshot(): Readonly<Record<string, readonly (readonly number[])[]>> {
    const names = [...this.byName].map(
      ([name, cells]) => [name, Array.from(cells, (cell) => cell.inOrder())] as const,
    );
    return Object.fromEntries(names);
  }

  of(name: string, cell: number): RecentScores {
    let cells = this.byName.get(name);
    if (!cells) this.byName.set(name, (cells = []));
    while (cells.length <= cell) cells.push(new RecentScores());
    return cells[cell] ?? new RecentScores();
  }
}
