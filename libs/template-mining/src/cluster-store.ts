import type { TemplateCluster } from './template-cluster';

/** The clusters by id in the order of use, at most `capacity` of them; where none is ever forgotten, in that of creation. */
export class ClusterStore {
  private readonly byId = new Map<number, TemplateCluster>();
  private oldest: TemplateCluster | undefined;
  private newest: TemplateCluster | undefined;

  /**
   * @param capacity clusters at most; undefined: no limit
   * @param isOrdered whether the order of use is kept, so that the least recently used can be told
   */
  constructor(
    private readonly capacity: number | undefined,
    readonly isOrdered = capacity !== undefined,
  ) {}

  get count(): number {
    return this.byId.size;
  }

  get(clusterId: number): TemplateCluster | undefined {
    return this.byId.get(clusterId);
  }

  *values(): IterableIterator<TemplateCluster> {
    for (let cluster = this.oldest; cluster; cluster = cluster.newer) yield cluster;
  }

  *newestFirst(): IterableIterator<TemplateCluster> {
    for (let cluster = this.newest; cluster; cluster = cluster.older) yield cluster;
  }

  /** Adds a cluster as the most recently used and returns the one that had to leave for it. */
  add(cluster: TemplateCluster): TemplateCluster | undefined {
    const isFull = this.capacity !== undefined && this.byId.size >= this.capacity;
    const evicted = isFull ? this.takeOldest() : undefined;
    this.byId.set(cluster.clusterId, cluster);
    this.append(cluster);
    return evicted;
  }

  /** Removes the least recently used cluster; undefined when there is none. */
  takeOldest(): TemplateCluster | undefined {
    const { oldest } = this;
    if (oldest) this.remove(oldest);
    return oldest;
  }

  remove(cluster: TemplateCluster): void {
    this.unlink(cluster);
    this.byId.delete(cluster.clusterId);
  }

  /** Marks a cluster as the most recently used, where that is kept. */
  touch(cluster: TemplateCluster): void {
    if (!this.isOrdered || cluster === this.newest) return;
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
