import type { ClusterStore } from './cluster-store';
import type { TemplateCluster } from './template-cluster';

/** What happened in a tree since some moment, as plain data: from the state of then it leads to that of now. */
export interface DrainTreeChanges {
  readonly lastClusterId: number;
  /** In the order of events: the tokens of a founded cluster, the id of a forgotten one. */
  readonly events: readonly (readonly string[] | number)[];
  /** Clusters that took lines, in the order of use, with their sizes, and their tokens where those are new. */
  readonly used: readonly (
    | readonly [clusterId: number, size: number]
    | readonly [clusterId: number, size: number, tokens: readonly string[]]
  )[];
}

/** Beyond so many tokens of founded clusters a whole state is the shorter account. */
const MOST_TOKENS = 65_536;
const MOST_EVENTS = 16_384;

/**
 * Notes what happens in a tree, at the cost of one comparison a line.
 *
 * Memory: the events, up to a limit beyond which all are let go, and clusters no more than the tree has.
 */
export class ChangeTracker {
  /** Marks the clusters that took lines since the beginning; another number for each beginning. */
  private epoch = 1;
  private events: (readonly string[] | number)[] = [];
  private tokens = 0;
  private isLost = false;
  private readonly retold = new Set<TemplateCluster>();
  /** Only without an order of use; with it the store's own order tells them. */
  private used: TemplateCluster[] = [];

  /** @param isOrdered whether the clusters' store keeps the order of use */
  constructor(private readonly isOrdered: boolean) {}

  founded(cluster: TemplateCluster): void {
    this.touched(cluster);
    if (this.isLost) return;
    this.tokens += cluster.tokens.length;
    this.note(cluster.words());
  }

  forgotten(cluster: TemplateCluster): void {
    this.retold.delete(cluster);
    this.note(cluster.clusterId);
  }

  touched(cluster: TemplateCluster): void {
    if (cluster.usedIn === this.epoch || this.isLost) return;
    cluster.usedIn = this.epoch;
    if (!this.isOrdered) this.used.push(cluster);
  }

  generalised(cluster: TemplateCluster): void {
    if (!this.isLost) this.retold.add(cluster);
  }

  /** Gives up the account: it would be longer than the state itself, or cannot be told. */
  lose(): void {
    this.isLost = true;
    this.events = [];
    this.used = [];
    this.retold.clear();
  }

  /** The account since the beginning, undefined when it was lost; then begins anew. */
  take(store: ClusterStore, lastClusterId: number): DrainTreeChanges | undefined {
    const changes = this.isLost
      ? undefined
      : {
          lastClusterId,
          events: this.events,
          used: this.inOrderOfUse(store).map((cluster) => {
            const { clusterId, size } = cluster;
            return this.retold.has(cluster)
              ? ([clusterId, size, cluster.words()] as const)
              : ([clusterId, size] as const);
          }),
        };
    this.epoch++;
    this.events = [];
    this.tokens = 0;
    this.isLost = false;
    this.retold.clear();
    this.used = [];
    return changes;
  }

  private note(event: readonly string[] | number): void {
    if (this.isLost) return;
    this.events.push(event);
    if (this.events.length > MOST_EVENTS || this.tokens > MOST_TOKENS) this.lose();
  }

  /** Where the order of use is kept, all clusters that took lines are behind all others. */
  private inOrderOfUse(store: ClusterStore): readonly TemplateCluster[] {
    if (!this.isOrdered) return this.used;
    const clusters: TemplateCluster[] = [];
    for (const cluster of store.newestFirst()) {
      if (cluster.usedIn !== this.epoch) break;
      clusters.push(cluster);
    }
    return clusters.reverse();
  }
}
