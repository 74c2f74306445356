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
