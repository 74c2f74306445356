import { WILDCARD } from './cluster-search';
import { PlaceLists } from './place-lists';
import type { TemplateCluster } from './template-cluster';

const NONE = -1;
const LONG_LIST = 16;

/**
 * Finds in a large leaf what a look at all its clusters would find, by looking at few.
 *
 * It lists the clusters by each of their tokens, place by place. A cluster that has e tokens of a line has one of them among
 * any `count - e + 1` places, so that the lists of so many places name every cluster that may win; the places that tell
 * clusters apart best come first, and each better cluster found makes fewer places do. Answers and ties are those
 * of `cluster-search`.
 */
export class LeafIndex {
  private readonly lists: PlaceLists;
  /** The tokens of every cluster side by side: one look at memory for each. */
  private rows = new Int32Array(0);
  private readonly owners: (TemplateCluster | undefined)[] = [];
  private readonly rowOf = new Map<number, number>();
  private readonly freeRows: number[] = [];
  private places: readonly number[] = [];
  private nextOrdering = 0;
  private readonly best = { row: NONE, equal: 0, wildcards: 0 };
  /** Places put off within one search. */
  private readonly waiting: number[] = [];

  private constructor(private readonly count: number) {
    this.lists = new PlaceLists(count);
  }

  /**
   * @param clusters all of one length, at least one token
   * @returns undefined when they are not in the order of their ids, which decides ties
   */
  static build(clusters: readonly TemplateCluster[], count: number): LeafIndex | undefined {
    const index = new LeafIndex(count);
    let lastId = 0;
    for (const { clusterId } of clusters) {
      if (clusterId <= lastId) return undefined;
      lastId = clusterId;
    }
    for (const cluster of clusters) index.add(cluster);
    return index;
  }

  /** Adds a cluster that is newer than all others. */
  add(cluster: TemplateCluster): void {
    const row = this.freeRows.pop() ?? this.owners.length;
    this.owners[row] = cluster;
    this.rowOf.set(cluster.clusterId, row);
    if (this.owners.length * this.count > this.rows.length) {
      const larger = new Int32Array(this.owners.length * this.count * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    this.rows.set(cluster.tokens, row * this.count);
    for (let place = 0; place < this.count; place++) {
      this.lists.add(row, cluster.tokens[place] as number, place);
    }
    if (this.rowOf.size >= this.nextOrdering) this.orderPlaces();
  }

  remove(cluster: TemplateCluster): void {
    const row = this.rowOf.get(cluster.clusterId) as number;
    for (let place = 0; place < this.count; place++) {
      this.lists.remove(row, cluster.tokens[place] as number, place);
    }
    this.owners[row] = undefined;
    this.rowOf.delete(cluster.clusterId);
    this.freeRows.push(row);
  }

  /** Takes over the tokens that a cluster has now. */
  change({ clusterId, tokens }: TemplateCluster): void {
    const row = this.rowOf.get(clusterId) as number;
    for (let place = 0; place < this.count; place++) {
      const at = row * this.count + place;
      const before = this.rows[at] as number;
      const now = tokens[place] as number;
      if (before === now) continue;
      this.rows[at] = now;
      this.lists.remove(row, before, place);
      this.lists.add(row, now, place);
    }
  }

  /** @param least how many equal tokens a cluster needs, at least 1 */
  mostSimilar(line: Int32Array, least: number): TemplateCluster | undefined {
    const { count, places, best, waiting } = this;
    best.row = NONE;
    best.equal = least;
    let done = 0;
    let held = 0;
    for (let at = 0; at < count && count - done >= best.equal; at++) {
      const place = places[at] as number;
      const list = this.listOf(line, place);
      // A word that many share tells little: the other places may do without it.
      if (list && list.length > LONG_LIST) waiting[held++] = place;
      else {
        if (list) this.compare(list, line);
        done++;
      }
    }
    for (let at = 0; at < held && count - done >= best.equal; at++, done++) {
      const list = this.listOf(line, waiting[at] as number);
      if (list) this.compare(list, line);
    }
    return best.row === NONE ? undefined : this.owners[best.row];
  }

  private listOf(line: Int32Array, place: number): readonly number[] | undefined {
    const token = line[place] as number;
    return token > WILDCARD ? this.lists.get(token, place) : undefined;
  }

  /** Lets the rows of a list compete with the best one so far. */
  private compare(list: readonly number[], line: Int32Array): void {
    const { count, rows, best } = this;
    for (let at = 0; at < list.length; at++) {
      const row = list[at] as number;
      const first = row * count;
      let equal = 0;
      let wildcards = 0;
      for (let index = 0; index < count; index++) {
        const other = rows[first + index] as number;
        if (other === WILDCARD) wildcards++;
        else if (other === line[index]) equal++;
        else if (equal + (count - index - 1) < best.equal) break;
      }
      if (equal < best.equal) continue;
      if (best.row !== NONE && equal === best.equal) {
        if (wildcards < best.wildcards) continue;
        if (wildcards === best.wildcards && !this.isOlder(row, best.row)) continue;
      }
      best.row = row;
      best.equal = equal;
      best.wildcards = wildcards;
    }
  }

  /** Looks at the clusters that have the line's token or a wildcard at a place that tells most apart. */
  fitting(line: Int32Array): TemplateCluster | undefined {
    let place = this.places[0] as number;
    for (let at = 0; at < this.count; at++) {
      const other = this.places[at] as number;
      const list = this.listOf(line, other);
      if (list && list.length > LONG_LIST) continue;
      place = other;
      break;
    }
    const token = line[place] as number;
    const open = this.fittingOf(WILDCARD, place, line, NONE);
    const best = token > WILDCARD ? this.fittingOf(token, place, line, open) : open;
    return best === NONE ? undefined : this.owners[best];
  }

  private fittingOf(token: number, place: number, line: Int32Array, rival: number): number {
    const { count, rows } = this;
    const list = this.lists.get(token, place);
    if (!list) return rival;
    let best = rival;
    let bestWildcards = rival === NONE ? -1 : this.wildcardsOf(rival);
    for (let at = 0; at < list.length; at++) {
      const row = list[at] as number;
      const first = row * count;
      let wildcards = 0;
      let index = 0;
      for (; index < count; index++) {
        const other = rows[first + index] as number;
        if (other === WILDCARD) wildcards++;
        else if (other !== line[index]) break;
      }
      if (index < count || wildcards < bestWildcards) continue;
      if (best !== NONE && wildcards === bestWildcards && !this.isOlder(row, best)) continue;
      best = row;
      bestWildcards = wildcards;
    }
    return best;
  }

  private isOlder(row: number, other: number): boolean {
    return (
      (this.owners[row] as TemplateCluster).clusterId <
      (this.owners[other] as TemplateCluster).clusterId
    );
  }

  private wildcardsOf(row: number): number {
    let wildcards = 0;
    for (let place = 0; place < this.count; place++) {
      if (this.rows[row * this.count + place] === WILDCARD) wildcards++;
    }
    return wildcards;
  }

  /** Puts places first whose lists name few clusters; again each time the leaf has doubled. */
  private orderPlaces(): void {
    const named = new Array<number>(this.count).fill(0);
    for (const row of this.rowOf.values()) {
      for (let place = 0; place < this.count; place++) {
        const token = this.rows[row * this.count + place] as number;
        const cost =
          token === WILDCARD ? this.rowOf.size : (this.lists.get(token, place)?.length ?? 0);
        named[place] = (named[place] as number) + cost;
      }
    }
    this.places = Array.from(named.keys()).sort(
      (left, right) => (named[left] as number) - (named[right] as number),
    );
    this.nextOrdering = this.rowOf.size * 2;
  }
}
