import type { TemplateCluster } from './template-cluster';

/** The clusters by id, least recently learned first, at most `capacity` of them. */
export class ClusterStore {
  private readonly byId = new Map<number, TemplateCluster>();
  private oldest: TemplateCluster | undefined;
  private newest: TemplateCluster | undefined;

  constructor(private readonly capacity: number | undefined) {}

  get count(): number {
    return this.byId.size;
  }

  get(clusterId: number): TemplateCluster | undefined {
    return this.byId.get(clusterId);
  }

  *values(): IterableIterator<TemplateCluster> {
    for (let cluster = this.oldest; cluster; cluster = cluster.newer) yield cluster;
  }

  /** Adds a cluster as the most recently used and returns the one that had to leave for it. */
  add(cluster: TemplateCluster): TemplateCluster | undefined {
    let evicted: TemplateCluster | undefined;
    if (this.capacity !== undefined && this.byId.size >= this.capacity) {
      evicted = this.oldest;
      if (evicted) {
        this.unlink(evicted);
        this.byId.delete(evicted.clusterId);
      }
    }
    this.byId.set(cluster.clusterId, cluster);
    this.append(cluster);
    return evicted;
  }

  /** Marks a cluster as the most recently used; without a capacity the order means nothing. */
  touch(cluster: TemplateCluster): void {
    if (this.capacity === undefined || cluster === this.newest) return;
    this.unlink(cluster);
    this.append(cluster);
  }

  private append(cluster: TemplateCluster): void {
    cluster.older = this.newest;
    cluster.newer = undefined;
    if (this.newest) this.newest.newer = cluster;
    else this.oldest = cluster;
    this.newest = cluster;
  }

  private unlink(cluster: TemplateCluster): void {
    if (cluster.older) cluster.older.newer = cluster.newer;
    else this.oldest = cluster.newer;
    if (cluster.newer) cluster.newer.older = cluster.older;
    else this.newest = cluster.older;
    cluster.older = undefined;
    cluster.newer = undefined;
  }
}
