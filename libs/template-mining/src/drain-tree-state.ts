import type { TemplateCluster } from './template-cluster';
import type { TokenTable } from './token-table';
import type { TreeNode } from './tree-node';

/** A node as plain data; children in order of creation. */
export interface TreeNodeState {
  readonly clusterIds: readonly number[];
  readonly children: readonly (readonly [token: string, node: TreeNodeState])[];
}

/** Everything a tree's future answers depend on, as plain data. */
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

/** A tree's parts as plain data that shares nothing with them that changes. */
export function treeStateOf(
  lastClusterId: number,
  clusters: Iterable<TemplateCluster>,
  layers: ReadonlyMap<number, TreeNode>,
  table: TokenTable,
): DrainTreeState {
  const nodeState = ({ clusters, children }: TreeNode): TreeNodeState => ({
    clusterIds: clusters.map(({ clusterId }) => clusterId),
    children: Array.from(
      children,
      ([token, child]) => [table.textOf(token), nodeState(child)] as const,
    ),
  });
  return {
    lastClusterId,
    clusters: Array.from(clusters, (cluster) => ({
      clusterId: cluster.clusterId,
      size: cluster.size,
      tokens: cluster.words(),
    })),
    tree: Array.from(layers, ([tokenCount, node]) => ({ tokenCount, node: nodeState(node) })),
  };
}
