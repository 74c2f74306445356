import { ClusterStore } from './cluster-store';
import { fitting, WILDCARD } from './cluster-search';
import { clusterBytes, NODE_BYTES, UNIT_BYTES } from './memory-formula';
import { type DrainTreeState, treeStateOf } from './drain-tree-state';
import { countNodes, restoreNode } from './restore-node';
import { SnapshotFailure } from './snapshot-failure';
import { TemplateCluster } from './template-cluster';
import type { TokenBuffer } from './token-buffer';
import { TokenTable } from './token-table';
import { hasDigit } from './tokens';
import { ChangeTracker, type DrainTreeChanges } from './tree-changes';
import { TreeNode } from './tree-node';

export interface DrainTreeSettings {
  readonly depth: number;
  readonly similarity: number;
  readonly maxChildren: number;
  readonly maxClusters: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly parametrizeNumericTokens: boolean;
  /** The token that stands for anything, `<*>` unless prefix or suffix differ. */
  readonly wildcard: string;
}

export type LearnedChange = 'created' | 'changed' | 'none';

/** How far a match looks beyond the branch that a line's first tokens lead to. */
export type SearchStrategy = 'never' | 'fallback' | 'always';

/** Nodes without clusters are kept, since they steer drain3's search, until there are this many nodes. */
const LEAST_PRUNED_NODES = 20_000;
const PRUNED_NODES_PER_CLUSTER = 20;
/** Beyond the cap on bytes, clusters are forgotten until this share of it is held: many at once, then one pruning. */
const ROOM_MADE = 7 / 8;

/**
 * The fixed-depth prefix tree of Drain, with the answers of drain3 0.9.11.
 *
 * Source: He, Zhu, Zheng & Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017, in the
 * variant of drain3 (numeric tokens to the wildcard branch, least recently used clusters forgotten). Tokens are numbers
 * here; a token that no template has is one that equals none.
 */
export class DrainTree {
  lastChange: LearnedChange = 'none';
  private readonly byTokenCount = new Map<number, TreeNode>();
  private readonly table = new TokenTable();
  private readonly store: ClusterStore;
  private readonly leafOf = new Map<number, TreeNode>();
  private readonly maxNodeDepth: number;
  private readonly maxNodes: number;
  private readonly maxBytes: number;
  private clusterBytes = 0;
  private nodeCount = 0;
  private changes: ChangeTracker | undefined;
  private lastClusterId = 0;
  private line = new Int32Array(256);
  /** Clusters of a length in the order of a full search, until the next cluster comes or goes. */
  private readonly searchOrders = new Map<number, readonly TemplateCluster[]>();

  constructor(private readonly settings: DrainTreeSettings) {
    const { maxClusters, maxBytes } = settings;
    this.store = new ClusterStore(maxClusters, maxClusters !== undefined || maxBytes !== undefined);
    this.maxBytes = maxBytes ?? Infinity;
    this.maxNodeDepth = settings.depth - 2;
    this.maxNodes =
      maxClusters === undefined
        ? Infinity
        : Math.max(LEAST_PRUNED_NODES, maxClusters * PRUNED_NODES_PER_CLUSTER);
    this.table.hold(settings.wildcard);
  }

  get clusterCount(): number {
    return this.store.count;
  }

  /** Different tokens of all templates and branches. */
  get tokenCount(): number {
    return this.table.size;
  }

  /** Clusters founded since the tree began, forgotten ones included. */
  get createdCount(): number {
    return this.lastClusterId;
  }

  /** What the tree takes in memory, by the formula of `memory-formula`. */
  get heldBytes(): number {
    return this.clusterBytes + this.table.heldBytes + this.nodeCount * NODE_BYTES;
  }

  clusters(): IterableIterator<TemplateCluster> {
    return this.store.values();
  }

  /**
   * Adds a line: it joins the most similar cluster of its branch or founds one.
   *
   * @param mayFound whether a line that no cluster is like founds one
   * @returns the cluster, undefined for a line that may not found one; what happened to it is in `lastChange`
   */
  learn(buffer: TokenBuffer, mayFound = true): TemplateCluster | undefined {
    const line = this.read(buffer);
    const { count } = buffer;
    const leaf = this.leafFor(line, count);
    const found =
      count === 0 ? leaf?.clusters[0] : leaf?.mostSimilar(line, count, this.settings.similarity);
    if (!found) {
      if (!mayFound) return undefined;
      this.lastChange = 'created';
      return this.found(buffer, line);
    }
    this.lastChange = this.generalise(found, line);
    found.size++;
    this.store.touch(found);
    this.changes?.touched(found);
    if (this.lastChange === 'changed' && this.heldBytes > this.maxBytes) this.makeRoom();
    return found;
  }

  /** Finds the cluster whose template the line fits exactly, wildcards fitting anything. */
  match(buffer: TokenBuffer, strategy: SearchStrategy): TemplateCluster | undefined {
    const line = this.read(buffer);
    const { count } = buffer;
    if (strategy !== 'always') {
      const found = this.leafFor(line, count)?.fitting(line, count);
      if (found || strategy === 'never') return found;
    }
    const all = this.searchOrder(count);
    return all && fitting(all, line, count);
  }

  private read(buffer: TokenBuffer): Int32Array {
    const { count } = buffer;
    if (count > this.line.length) this.line = new Int32Array(count * 2);
    const { line, table } = this;
    for (let index = 0; index < count; index++) line[index] = table.find(buffer, index);
    return line;
  }

  /** The node that the line's first tokens lead to. */
  private leafFor(line: Int32Array, count: number): TreeNode | undefined {
    let node = this.byTokenCount.get(count);
    const steps = Math.min(this.maxNodeDepth, count) - 1;
    for (let step = 0; node && step < steps; step++) {
      node = node.children.get(line[step] as number) ?? node.children.get(WILDCARD);
    }
    return node;
  }

  private searchOrder(count: number): readonly TemplateCluster[] | undefined {
    const known = this.searchOrders.get(count);
    if (known) return known;
    const layer = this.byTokenCount.get(count);
    if (!layer) return undefined;
    const clusters: TemplateCluster[] = [];
    collectClusters(layer, clusters);
    this.searchOrders.set(count, clusters);
    return clusters;
  }

  private found(buffer: TokenBuffer, line: Int32Array): TemplateCluster {
    const { count } = buffer;
    const { table } = this;
    const tokens = new Int32Array(count);
    for (let index = 0; index < count; index++) {
      const known = line[index] as number;
      if (known < 0) tokens[index] = table.hold(buffer.text(index));
      else {
        table.holdAgain(known);
        tokens[index] = known;
      }
    }
    const cluster = new TemplateCluster(++this.lastClusterId, tokens, table);
    this.weigh(cluster);
    const evicted = this.store.add(cluster);
    if (evicted) this.forget(evicted);
    this.hang(cluster);
    this.changes?.founded(cluster);
    if (this.nodeCount > this.maxNodes) this.pruneTree();
    if (this.heldBytes > this.maxBytes) this.makeRoom();
    return cluster;
  }

  /** Puts a cluster into the leaf of its tokens. */
  private hang(cluster: TemplateCluster): void {
    const leaf = this.growLeaf(cluster.tokens);
    leaf.add(cluster);
    this.leafOf.set(cluster.clusterId, leaf);
    this.searchOrders.delete(cluster.tokens.length);
  }

  private weigh(cluster: TemplateCluster): void {
    const { tokens } = cluster;
    let units = Math.max(0, tokens.length - 1);
    for (const token of tokens) units += this.table.textOf(token).length;
    cluster.bytes = clusterBytes(tokens.length, units);
    this.clusterBytes += cluster.bytes;
  }

  /** Forgets the least recently used clusters, never the newest, and the branches that they leave behind. */
  private makeRoom(): void {
    const goal = this.maxBytes * ROOM_MADE;
    let emptied = 0;
    while (this.store.count > 1 && this.heldBytes - emptied * NODE_BYTES > goal) {
      const evicted = this.store.takeOldest();
      if (evicted && this.forget(evicted)) emptied++;
    }
    this.pruneTree();
  }

  /** @returns whether its leaf is empty now */
  private forget(cluster: TemplateCluster): boolean {
    this.changes?.forgotten(cluster);
    this.clusterBytes -= cluster.bytes;
    const leaf = this.leafOf.get(cluster.clusterId);
    leaf?.remove(cluster);
    this.leafOf.delete(cluster.clusterId);
    this.searchOrders.delete(cluster.tokens.length);
    for (const token of cluster.tokens) this.table.release(token);
    return leaf?.clusters.length === 0;
  }

  private growLeaf(tokens: Int32Array): TreeNode {
    let node = this.byTokenCount.get(tokens.length);
    if (!node) {
      node = new TreeNode();
      this.nodeCount++;
      this.byTokenCount.set(tokens.length, node);
    }
    const steps = Math.min(this.maxNodeDepth, tokens.length) - 1;
    for (let step = 0; step < steps; step++) node = this.growChild(node, tokens[step] as number);
    return node;
  }

  private growChild(parent: TreeNode, token: number): TreeNode {
    const known = parent.children.get(token);
    if (known) return known;

    const key = this.branchKey(parent, token);
    let child = parent.children.get(key);
    if (!child) {
      child = new TreeNode();
      this.nodeCount++;
      this.table.holdAgain(key);
      parent.children.set(key, child);
    }
    return child;
  }

  /** Own branch or wildcard: numbers share one, and the last free place of a node is the wildcard's. */
  private branchKey({ children }: TreeNode, token: number): number {
    const { maxChildren, parametrizeNumericTokens } = this.settings;
    if (parametrizeNumericTokens && hasDigit(this.table.textOf(token))) return WILDCARD;
    const places = children.has(WILDCARD) ? maxChildren : maxChildren - 1;
    return children.size < places ? token : WILDCARD;
  }

  private generalise(cluster: TemplateCluster, line: Int32Array): LearnedChange {
    const { tokens } = cluster;
    const { wildcard } = this.settings;
    let generalised: Int32Array | undefined;
    let grown = 0;
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index] as number;
      if (token === line[index] || token === WILDCARD) continue;
      generalised ??= tokens.slice();
      generalised[index] = WILDCARD;
      grown += wildcard.length - this.table.textOf(token).length;
      this.table.holdAgain(WILDCARD);
      this.table.release(token);
    }
    if (!generalised) return 'none';
    cluster.generalise(generalised);
    this.leafOf.get(cluster.clusterId)?.change(cluster);
    this.changes?.generalised(cluster);
    this.clusterBytes += grown * UNIT_BYTES;
    cluster.bytes += grown * UNIT_BYTES;
    return 'changed';
  }

  /** Removes every branch that leads to no cluster. */
  private pruneTree(): void {
    this.changes?.lose();
    for (const [tokenCount, node] of this.byTokenCount) {
      if (!this.pruneNode(node)) continue;
      this.byTokenCount.delete(tokenCount);
      this.nodeCount--;
    }
  }

  private pruneNode(node: TreeNode): boolean {
    for (const [token, child] of node.children) {
      if (!this.pruneNode(child)) continue;
      node.children.delete(token);
      this.table.release(token);
      this.nodeCount--;
    }
    return node.children.size === 0 && node.clusters.length === 0;
  }

  state(): DrainTreeState {
    return treeStateOf(this.lastClusterId, this.store.values(), this.byTokenCount, this.table);
  }

  /** What happened since this was last asked; undefined when it never was, or a whole state says it shorter. */
  takeChanges(): DrainTreeChanges | undefined {
    const changes = this.changes?.take(this.store, this.lastClusterId);
    this.changes ??= new ChangeTracker(this.store.isOrdered);
    return changes;
  }

  /**
   * Does again what happened to a tree of the same state.
   *
   * @throws SnapshotFailure when it cannot have happened to this one; what the tree is then is undefined
   */
  apply({ lastClusterId, events, used }: DrainTreeChanges): void {
    for (const event of events) {
      if (typeof event !== 'number') this.foundAgain(event);
      else {
        const cluster = this.known(event);
        this.store.remove(cluster);
        this.forget(cluster);
      }
    }
    for (const [clusterId, size, tokens] of used) {
      const cluster = this.known(clusterId);
      cluster.size = size;
      if (tokens) this.retell(cluster, tokens);
      this.store.touch(cluster);
    }
    if (this.lastClusterId !== lastClusterId) {
      throw new SnapshotFailure(`the last cluster is ${this.lastClusterId}, not ${lastClusterId}`);
    }
  }

  private foundAgain(words: readonly string[]): void {
    const tokens = Int32Array.from(words, (word) => this.table.hold(word));
    const cluster = new TemplateCluster(++this.lastClusterId, tokens, this.table);
    this.weigh(cluster);
    if (this.store.add(cluster)) throw new SnapshotFailure('more clusters than maxClusters');
    this.hang(cluster);
  }

  private retell(cluster: TemplateCluster, words: readonly string[]): void {
    if (words.length !== cluster.tokens.length) {
      throw new SnapshotFailure(`cluster ${cluster.clusterId} changed its length`);
    }
    const before = cluster.tokens;
    this.clusterBytes -= cluster.bytes;
    cluster.generalise(Int32Array.from(words, (word) => this.table.hold(word)));
    this.leafOf.get(cluster.clusterId)?.change(cluster);
    for (const token of before) this.table.release(token);
    this.weigh(cluster);
  }

  private known(clusterId: number): TemplateCluster {
    const cluster = this.store.get(clusterId);
    if (!cluster) throw new SnapshotFailure(`cluster ${clusterId} is unknown`);
    return cluster;
  }

  /**
   * Rebuilds a tree from its state.
   *
   * @throws SnapshotFailure when the state contradicts itself
   */
  static restore(settings: DrainTreeSettings, state: DrainTreeState): DrainTree {
    const tree = new DrainTree(settings);
    tree.lastClusterId = state.lastClusterId;
    for (const cluster of state.clusters) tree.restoreCluster(cluster);
    const { store, table, leafOf } = tree;
    for (const { tokenCount, node } of state.tree) {
      if (tree.byTokenCount.has(tokenCount)) {
        throw new SnapshotFailure(`token count ${tokenCount} comes twice`);
      }
      tree.byTokenCount.set(tokenCount, restoreNode(node, tokenCount, { store, table, leafOf }));
    }
    tree.nodeCount = countNodes(tree.byTokenCount.values());
    if (tree.leafOf.size !== tree.store.count) throw new SnapshotFailure('a cluster has no leaf');
    return tree;
  }

  private restoreCluster({ clusterId, size, tokens }: DrainTreeState['clusters'][number]): void {
    if (clusterId > this.lastClusterId) {
      throw new SnapshotFailure(`cluster ${clusterId} is newer than the last one`);
    }
    if (this.store.get(clusterId)) throw new SnapshotFailure(`cluster ${clusterId} comes twice`);
    const held = Int32Array.from(tokens, (token) => this.table.hold(token));
    const cluster = new TemplateCluster(clusterId, held, this.table);
    cluster.size = size;
    this.weigh(cluster);
    if (this.store.add(cluster)) throw new SnapshotFailure('more clusters than maxClusters');
  }
}

function collectClusters(node: TreeNode, into: TemplateCluster[]): void {
  for (const cluster of node.clusters) into.push(cluster);
  for (const child of node.children.values()) collectClusters(child, into);
}
