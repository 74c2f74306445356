import { WILDCARD } from './cluster-search';
import type { TemplateCluster } from './template-cluster';

/**
 * Finds in a large leaf what a look at all its clusters would find, by looking at few.
 *
 * It lists the clusters by each of their tokens, place by place. A cluster that has e tokens of a line has one of them among
 * any `count - e + 1` places, so that the lists of so many places name every cluster that may win; the places that tell
 * clusters apart best come first, and each better cluster found makes fewer places do. Answers and ties are those
 * of `cluster-search`.
 */
export class LeafIndex {
  /** `token * count + place` → the clusters with that token there. */
  private readonly lists = new Map<number, TemplateCluster[]>();
  private places: readonly number[] = [];
  private size = 0;
  private nextOrdering = 0;

  private constructor(private readonly count: number) {}

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
    for (let place = 0; place < this.count; place++) {
      this.enlist(cluster, cluster.tokens[place] as number, place);
    }
    if (++this.size >= this.nextOrdering) this.orderPlaces();
  }

  remove(cluster: TemplateCluster): void {
    for (let place = 0; place < this.count; place++) {
      this.strike(cluster, cluster.tokens[place] as number, place);
    }
    this.size--;
  }

  /** @param before the tokens that the cluster had until now */
  change(cluster: TemplateCluster, before: Int32Array): void {
    for (let place = 0; place < this.count; place++) {
      const token = before[place] as number;
      const now = cluster.tokens[place] as number;
      if (token === now) continue;
      this.strike(cluster, token, place);
      this.enlist(cluster, now, place);
    }
  }

  /** @param least how many equal tokens a cluster needs, at least 1 */
  mostSimilar(line: Int32Array, least: number): TemplateCluster | undefined {
    const { count, places, lists } = this;
    let best: TemplateCluster | undefined;
    let bestEqual = least;
    let bestWildcards = -1;
    for (let done = 0; count - done >= bestEqual; done++) {
      const place = places[done] as number;
      const token = line[place] as number;
      const list = token > WILDCARD ? lists.get(token * count + place) : undefined;
      if (!list) continue;
      for (let at = 0; at < list.length; at++) {
        const cluster = list[at] as TemplateCluster;
        const { tokens } = cluster;
        let equal = 0;
        let wildcards = 0;
        for (let index = 0; index < count; index++) {
          const other = tokens[index] as number;
          if (other === WILDCARD) wildcards++;
          else if (other === line[index]) equal++;
          else if (equal + (count - index - 1) < bestEqual) break;
        }
        if (equal < bestEqual) continue;
        if (best && equal === bestEqual) {
          if (wildcards < bestWildcards) continue;
          if (wildcards === bestWildcards && cluster.clusterId >= best.clusterId) continue;
        }
        best = cluster;
        bestEqual = equal;
        bestWildcards = wildcards;
      }
    }
    return best;
  }

  /** Looks at the clusters that have the line's token or a wildcard at the place that tells most apart. */
  fitting(line: Int32Array): TemplateCluster | undefined {
    const place = this.places[0] as number;
    const token = line[place] as number;
    const open = this.fittingOf(WILDCARD, place, line, undefined);
    return token > WILDCARD ? this.fittingOf(token, place, line, open) : open;
  }

  private fittingOf(
    token: number,
    place: number,
    line: Int32Array,
    rival: TemplateCluster | undefined,
  ): TemplateCluster | undefined {
    const { count } = this;
    const list = this.lists.get(token * count + place);
    if (!list) return rival;
    let best = rival;
    let bestWildcards = rival ? wildcardsOf(rival) : -1;
    for (let at = 0; at < list.length; at++) {
      const cluster = list[at] as TemplateCluster;
      const { tokens } = cluster;
      let wildcards = 0;
      let index = 0;
      for (; index < count; index++) {
        const other = tokens[index] as number;
        if (other === WILDCARD) wildcards++;
        else if (other !== line[index]) break;
      }
      if (index < count || wildcards < bestWildcards) continue;
      if (best && wildcards === bestWildcards && cluster.clusterId > best.clusterId) continue;
      best = cluster;
      bestWildcards = wildcards;
    }
    return best;
  }

  private enlist(cluster: TemplateCluster, token: number, place: number): void {
    const key = token * this.count + place;
    const list = this.lists.get(key);
    if (list) list.push(cluster);
    else this.lists.set(key, [cluster]);
  }

  private strike(cluster: TemplateCluster, token: number, place: number): void {
    const key = token * this.count + place;
    const list = this.lists.get(key);
    if (!list) return;
    if (list.length === 1) this.lists.delete(key);
    else list.splice(list.indexOf(cluster), 1);
  }

  /** Puts places first whose lists name few clusters; again each time the leaf has doubled. */
  private orderPlaces(): void {
    const named = new Array<number>(this.count).fill(0);
    for (const [key, { length }] of this.lists) {
      const place = key % this.count;
      const cost = key < this.count ? length * this.size : length * length;
      named[place] = (named[place] as number) + cost;
    }
    this.places = Array.from(named.keys()).sort(
      (left, right) => (named[left] as number) - (named[right] as number),
    );
    this.nextOrdering = this.size * 2;
  }
}

function wildcardsOf({ tokens }: TemplateCluster): number {
  let wildcards = 0;
  for (const token of tokens) if (token === WILDCARD) wildcards++;
  return wildcards;
}
