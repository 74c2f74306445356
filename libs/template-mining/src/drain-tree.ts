import { ClusterStore } from './cluster-store';
import { ownCopy } from './own-copy';
import { SnapshotFailure } from './snapshot-failure';
import { TemplateCluster } from './template-cluster';
import { hasDigit } from './tokens';
import { TreeNode } from './tree-node';

export interface DrainTreeSettings {
  readonly depth: number;
  readonly similarity: number;
  readonly maxChildren: number;
  readonly maxClusters: number | undefined;
  readonly parametrizeNumericTokens: boolean;
  /** The token that stands for anything, `<*>` unless prefix or suffix differ. */
  readonly wildcard: string;
}

export type LearnedChange = 'created' | 'changed' | 'none';

/** How far a match looks beyond the branch that a line's first tokens lead to. */
export type SearchStrategy = 'never' | 'fallback' | 'always';

export interface TreeNodeState {
  readonly clusterIds: readonly number[];
  readonly children: readonly (readonly [token: string, node: TreeNodeState])[];
}

export interface DrainTreeState {
  readonly lastClusterId: number;
  /** Least recently used first. */
  readonly clusters: readonly {
    readonly clusterId: number;
    readonly size: number;
    readonly tokens: readonly string[];
  }[];
  readonly tree: readonly { readonly tokenCount: number; readonly node: TreeNodeState }[];
}

/**
 * The fixed-depth prefix tree of Drain, with the answers of drain3 0.9.11.
 *
 * Source: He, Zhu, Zheng & Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017, in the
 * variant of drain3 (numeric tokens to the wildcard branch, least recently used clusters forgotten).
 */
export class DrainTree {
  private readonly byTokenCount = new Map<number, TreeNode>();
  private readonly store: ClusterStore;
  private readonly leafOf = new Map<number, TreeNode>();
  private readonly maxNodeDepth: number;
  private lastClusterId = 0;

  constructor(private readonly settings: DrainTreeSettings) {
    this.store = new ClusterStore(settings.maxClusters);
    this.maxNodeDepth = settings.depth - 2;
  }

  get clusterCount(): number {
    return this.store.count;
  }

  clusters(): IterableIterator<TemplateCluster> {
    return this.store.values();
  }

  /** Adds a line: it joins the most similar cluster of its branch or founds one. */
  learn(tokens: readonly string[]): { cluster: TemplateCluster; change: LearnedChange } {
    const { similarity } = this.settings;
    const found = this.searchBranch(tokens, (clusters) =>
      this.mostSimilar(clusters, tokens, similarity),
    );
    if (!found) return { cluster: this.found(tokens), change: 'created' };

    const change = this.generalise(found, tokens);
    found.size++;
    this.store.touch(found);
    return { cluster: found, change };
  }

  /** Finds the cluster whose template the line fits exactly, wildcards fitting anything. */
  match(tokens: readonly string[], strategy: SearchStrategy): TemplateCluster | undefined {
    if (strategy !== 'always') {
      const found = this.searchBranch(tokens, (clusters) => this.exact(clusters, tokens));
      if (found || strategy === 'never') return found;
    }
    const layer = this.byTokenCount.get(tokens.length);
    return layer && this.exact(clustersBelow(layer), tokens);
  }

  private searchBranch(
    tokens: readonly string[],
    choose: (clusters: readonly TemplateCluster[]) => TemplateCluster | undefined,
  ): TemplateCluster | undefined {
    let node = this.byTokenCount.get(tokens.length);
    if (!node) return undefined;
    if (tokens.length === 0) return node.clusters[0];

    const steps = Math.min(this.maxNodeDepth, tokens.length) - 1;
    for (let step = 0; step < steps; step++) {
      const token = tokens[step] as string;
      node = node.children.get(token) ?? node.children.get(this.settings.wildcard);
      if (!node) return undefined;
    }
    return choose(node.clusters);
  }

  /** The cluster with most equal tokens, on a tie the one with more wildcards, then the older. */
  private mostSimilar(
    clusters: readonly TemplateCluster[],
    tokens: readonly string[],
    similarity: number,
  ): TemplateCluster | undefined {
    const { wildcard } = this.settings;
    let best: TemplateCluster | undefined;
    let bestEqual = -1;
    let bestWildcards = -1;
    for (const cluster of clusters) {
      let equal = 0;
      let wildcards = 0;
      for (let index = 0; index < tokens.length; index++) {
        const expected = cluster.tokens[index];
        if (expected === wildcard) wildcards++;
        else if (expected === tokens[index]) equal++;
      }
      if (equal > bestEqual || (equal === bestEqual && wildcards > bestWildcards)) {
        best = cluster;
        bestEqual = equal;
        bestWildcards = wildcards;
      }
    }
    return bestEqual / tokens.length >= similarity ? best : undefined;
  }

  /** The fitting cluster with most wildcards, on a tie the first. */
  private exact(
    clusters: readonly TemplateCluster[],
    tokens: readonly string[],
  ): TemplateCluster | undefined {
    let best: TemplateCluster | undefined;
    let bestWildcards = -1;
    for (const cluster of clusters) {
      const wildcards = this.wildcardsWhenFitting(cluster.tokens, tokens);
      if (wildcards > bestWildcards) {
        best = cluster;
        bestWildcards = wildcards;
      }
    }
    return best;
  }

  /** Number of wildcards of a template that fits the line, −1 when it does not. */
  private wildcardsWhenFitting(template: readonly string[], tokens: readonly string[]): number {
    const { wildcard } = this.settings;
    let wildcards = 0;
    for (let index = 0; index < tokens.length; index++) {
      const expected = template[index];
      if (expected === wildcard) wildcards++;
      else if (expected !== tokens[index]) return -1;
    }
    return wildcards;
  }

  /** Everything the tree's future answers depend on, as plain data. */
  state(): DrainTreeState {
    return {
      lastClusterId: this.lastClusterId,
      clusters: Array.from(this.store.values(), ({ clusterId, size, tokens }) => ({
        clusterId,
        size,
        tokens,
      })),
      tree: Array.from(this.byTokenCount, ([tokenCount, node]) => ({
        tokenCount,
        node: nodeState(node),
      })),
    };
  }

  /**
   * Rebuilds a tree from its state.
   *
   * @throws SnapshotFailure when the state contradicts itself
   */
  static restore(settings: DrainTreeSettings, state: DrainTreeState): DrainTree {
    const tree = new DrainTree(settings);
    tree.lastClusterId = state.lastClusterId;
    for (const { clusterId, size, tokens } of state.clusters) {
      if (clusterId > state.lastClusterId) {
        throw new SnapshotFailure(`cluster ${clusterId} is newer than the last one`);
      }
      if (tree.store.get(clusterId)) throw new SnapshotFailure(`cluster ${clusterId} comes twice`);
      const cluster = new TemplateCluster(clusterId, tokens.map(ownCopy));
      cluster.size = size;
      if (tree.store.add(cluster)) throw new SnapshotFailure('more clusters than maxClusters');
    }
    for (const { tokenCount, node } of state.tree) {
      if (tree.byTokenCount.has(tokenCount)) {
        throw new SnapshotFailure(`token count ${tokenCount} comes twice`);
      }
      tree.byTokenCount.set(tokenCount, tree.restoreNode(node, tokenCount));
    }
    if (tree.leafOf.size !== tree.store.count) throw new SnapshotFailure('a cluster has no leaf');
    return tree;
  }

  private restoreNode(state: TreeNodeState, tokenCount: number): TreeNode {
    const node = new TreeNode();
    for (const clusterId of state.clusterIds) {
      const cluster = this.store.get(clusterId);
      if (!cluster) throw new SnapshotFailure(`a leaf names the unknown cluster ${clusterId}`);
      if (cluster.tokens.length !== tokenCount) {
        throw new SnapshotFailure(`cluster ${clusterId} does not have ${tokenCount} tokens`);
      }
      if (this.leafOf.has(clusterId))
        throw new SnapshotFailure(`cluster ${clusterId} has two leaves`);
      node.clusters.push(cluster);
      this.leafOf.set(clusterId, node);
    }
    for (const [token, child] of state.children) {
      node.children.set(ownCopy(token), this.restoreNode(child, tokenCount));
    }
    return node;
  }

  private found(tokens: readonly string[]): TemplateCluster {
    const cluster = new TemplateCluster(++this.lastClusterId, tokens.map(ownCopy));
    const evicted = this.store.add(cluster);
    if (evicted) this.removeFromLeaf(evicted);
    const leaf = this.growLeaf(cluster.tokens);
    leaf.clusters.push(cluster);
    this.leafOf.set(cluster.clusterId, leaf);
    return cluster;
  }

  private removeFromLeaf(cluster: TemplateCluster): void {
    const leaf = this.leafOf.get(cluster.clusterId);
    if (!leaf) return;
    leaf.clusters.splice(leaf.clusters.indexOf(cluster), 1);
    this.leafOf.delete(cluster.clusterId);
  }

  private growLeaf(tokens: readonly string[]): TreeNode {
    let node = this.byTokenCount.get(tokens.length);
    if (!node) {
      node = new TreeNode();
      this.byTokenCount.set(tokens.length, node);
    }
    const steps = Math.min(this.maxNodeDepth, tokens.length) - 1;
    for (let step = 0; step < steps; step++) node = this.growChild(node, tokens[step] as string);
    return node;
  }

  private growChild(parent: TreeNode, token: string): TreeNode {
    const known = parent.children.get(token);
    if (known) return known;

    const key = this.branchKey(parent, token);
    let child = parent.children.get(key);
    if (!child) {
      child = new TreeNode();
      parent.children.set(key, child);
    }
    return child;
  }

  /** Own branch or wildcard: numbers share one, and the last free place of a node is the wildcard's. */
  private branchKey({ children }: TreeNode, token: string): string {
    const { wildcard, maxChildren, parametrizeNumericTokens } = this.settings;
    if (parametrizeNumericTokens && hasDigit(token)) return wildcard;
    const places = children.has(wildcard) ? maxChildren : maxChildren - 1;
    return children.size < places ? token : wildcard;
  }

  private generalise(cluster: TemplateCluster, tokens: readonly string[]): LearnedChange {
    const { wildcard } = this.settings;
    let generalised: string[] | undefined;
    for (let index = 0; index < tokens.length; index++) {
      const expected = cluster.tokens[index];
      if (expected === tokens[index] || expected === wildcard) continue;
      generalised ??= [...cluster.tokens];
      generalised[index] = wildcard;
    }
    if (!generalised) return 'none';
    cluster.generalise(generalised);
    return 'changed';
  }
}

function clustersBelow(node: TreeNode): TemplateCluster[] {
  const clusters = [...node.clusters];
  for (const child of node.children.values()) clusters.push(...clustersBelow(child));
  return clusters;
}

function nodeState(node: TreeNode): TreeNodeState {
  return {
    clusterIds: node.clusters.map(({ clusterId }) => clusterId),
    children: Array.from(node.children, ([token, child]) => [token, nodeState(child)] as const),
  };
}
