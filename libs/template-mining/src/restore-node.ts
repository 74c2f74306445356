import type { ClusterStore } from './cluster-store';
import type { TreeNodeState } from './drain-tree-state';
import { SnapshotFailure } from './snapshot-failure';
import type { TokenTable } from './token-table';
import { TreeNode } from './tree-node';

/** What nodes are rebuilt in. */
export interface RestoredParts {
  readonly store: ClusterStore;
  readonly table: TokenTable;
  readonly leafOf: Map<number, TreeNode>;
}

/**
 * Rebuilds a node with all below it and hangs the clusters into its leaves.
 *
 * @throws SnapshotFailure when a leaf names a cluster that is not there, has another length or another leaf
 */
export function restoreNode(
  state: TreeNodeState,
  tokenCount: number,
  parts: RestoredParts,
): TreeNode {
  const { store, table, leafOf } = parts;
  const node = new TreeNode();
  for (const clusterId of state.clusterIds) {
    const cluster = store.get(clusterId);
    if (!cluster) throw new SnapshotFailure(`a leaf names the unknown cluster ${clusterId}`);
    if (cluster.tokens.length !== tokenCount) {
      throw new SnapshotFailure(`cluster ${clusterId} does not have ${tokenCount} tokens`);
    }
    if (leafOf.has(clusterId)) throw new SnapshotFailure(`cluster ${clusterId} has two leaves`);
    node.clusters.push(cluster);
    leafOf.set(clusterId, node);
  }
  for (const [token, child] of state.children) {
    const number = table.findText(token);
    if (number >= 0 && node.children.has(number)) {
      throw new SnapshotFailure(`a branch comes twice at ${tokenCount} tokens`);
    }
    node.children.set(table.hold(token), restoreNode(child, tokenCount, parts));
  }
  return node;
}

export function countNodes(nodes: Iterable<TreeNode>): number {
  let count = 0;
  for (const node of nodes) count += 1 + countNodes(node.children.values());
  return count;
}
