import type { TemplateCluster } from './template-cluster';

/**
 * The clusters by id, least recently learned first, at most `capacity` of them.
 *
 * A `Map` keeps its entries in order of insertion, so deleting and setting again is a touch.
 */
export class ClusterStore {
  private readonly byId = new Map<number, TemplateCluster>();

  constructor(private readonly capacity: number | undefined) {}

  get count(): number {
    return this.byId.size;
  }

  get(clusterId: number): TemplateCluster | undefined {
    return this.byId.get(clusterId);
  }

  values(): IterableIterator<TemplateCluster> {
    return this.byId.values();
  }

  /** Adds a cluster as the most recently used and returns the one that had to leave for it. */
  add(cluster: TemplateCluster): TemplateCluster | undefined {
    let evicted: TemplateCluster | undefined;
    if (this.capacity !== undefined && this.byId.size >= this.capacity) {
      for (const oldest of this.byId.values()) {
        evicted = oldest;
        break;
      }
      if (evicted) this.byId.delete(evicted.clusterId);
    }
    this.byId.set(cluster.clusterId, cluster);
    return evicted;
  }

  /** Marks a cluster as the most recently used; without a capacity the order means nothing. */
  touch(cluster: TemplateCluster): void {
    if (this.capacity === undefined) return;
    this.byId.delete(cluster.clusterId);
    this.byId.set(cluster.clusterId, cluster);
  }
}
