import { z } from 'zod';
import type { DrainTreeState, TreeNodeState } from './drain-tree-state';
import type { MinerSettings } from './miner-settings';
import { SnapshotFailure } from './snapshot-failure';

const nodeSchema = z.object({
  get key_to_child_node() {
    return z.record(z.string(), nodeSchema);
  },
  cluster_ids: z.array(z.int()),
});

const clusterSchema = z.object({
  log_template_tokens: z.object({ 'py/tuple': z.array(z.string()) }),
  cluster_id: z.int().positive(),
  size: z.int().positive(),
});

const clustersSchema = z.record(z.string(), clusterSchema);

const orderSchema = z.object({
  'py/reduce': z.tuple([
    z.unknown(),
    z.unknown(),
    z.unknown(),
    z.unknown(),
    z
      .object({
        'py/tuple': z.array(z.object({ 'py/tuple': z.tuple([z.int(), z.null()]) })),
      })
      .nullable(),
  ]),
});

const cacheSchema = z.object({
  _Cache__data: clustersSchema,
  _LRUCache__order: orderSchema,
});

const drainSchema = z.object({
  'py/object': z.literal('drain3.drain.Drain'),
  log_cluster_depth: z.int(),
  sim_th: z.number(),
  max_children: z.int(),
  root_node: nodeSchema,
  extra_delimiters: z.union([z.array(z.string()), z.object({ 'py/tuple': z.array(z.string()) })]),
  max_clusters: z.int().nullable(),
  param_str: z.string().includes('*'),
  parametrize_numeric_tokens: z.boolean().default(true),
  id_to_cluster: z.union([cacheSchema, z.record(z.string(), z.unknown())]),
  clusters_counter: z.int().nonnegative(),
});

type Drain = z.infer<typeof drainSchema>;
type Clusters = DrainTreeState['clusters'];

/** Everything of a miner that drain3 keeps; masks it does not. */
export interface Drain3Import {
  readonly settings: Partial<MinerSettings>;
  readonly state: DrainTreeState;
}

/**
 * Reads a snapshot as drain3 0.9.11 writes it: jsonpickle's JSON, or Base64 of its zlib compression.
 *
 * @throws SnapshotFailure when it is neither, or misses a part
 */
export async function parseDrain3Snapshot(text: string): Promise<Drain3Import> {
  const json = text.trimStart().startsWith('{') ? text : await inflate(text.trim());
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SnapshotFailure(`not JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = drainSchema.safeParse(value);
  if (!parsed.success) throw new SnapshotFailure(z.prettifyError(parsed.error));
  return convert(parsed.data);
}

async function inflate(base64: string): Promise<string> {
  try {
    const compressed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate'));
    return await new Response(stream).text();
  } catch (error) {
    throw new SnapshotFailure('neither JSON nor Base64 of zlib', { cause: error });
  }
}

function convert(drain: Drain): Drain3Import {
  const { extra_delimiters: delimiters, param_str: wildcard } = drain;
  const star = wildcard.indexOf('*');
  const clusters = clustersOf(drain.id_to_cluster);
  const known = new Set(clusters.map(({ clusterId }) => clusterId));
  return {
    settings: {
      depth: drain.log_cluster_depth,
      similarity: drain.sim_th,
      maxChildren: drain.max_children,
      maxClusters: drain.max_clusters ?? undefined,
      parametrizeNumericTokens: drain.parametrize_numeric_tokens,
      extraDelimiters: Array.isArray(delimiters) ? delimiters : delimiters['py/tuple'],
      maskPrefix: wildcard.slice(0, star),
      maskSuffix: wildcard.slice(star + 1),
    },
    state: {
      lastClusterId: drain.clusters_counter,
      clusters,
      tree: childrenOf(drain.root_node, known).map(([key, node]) => ({
        tokenCount: Number(key),
        node,
      })),
    },
  };
}

/** Clusters, least recently used first where drain3 kept that order. */
function clustersOf(stored: Drain['id_to_cluster']): Clusters {
  const cache = cacheSchema.safeParse(stored);
  const plain = cache.success ? cache.data._Cache__data : parseClusters(stored);
  const byId = new Map<number, Clusters[number]>();
  for (const cluster of Object.values(plain)) {
    const { cluster_id: clusterId, size, log_template_tokens: tokens } = cluster;
    byId.set(clusterId, { clusterId, size, tokens: tokens['py/tuple'] });
  }
  if (!cache.success) return [...byId.values()];

  const order = cache.data._LRUCache__order['py/reduce'][4]?.['py/tuple'] ?? [];
  const ordered = order.map(({ 'py/tuple': [clusterId] }) => byId.get(clusterId));
  if (ordered.length !== byId.size || ordered.includes(undefined)) {
    throw new SnapshotFailure('the order of use does not name every cluster');
  }
  return ordered.filter((cluster) => cluster !== undefined);
}

function parseClusters(stored: unknown): z.infer<typeof clustersSchema> {
  const clusters = clustersSchema.safeParse(stored);
  if (!clusters.success) throw new SnapshotFailure(z.prettifyError(clusters.error));
  return clusters.data;
}

/** Leaves may still name clusters that drain3 has forgotten; it skips them, and so do we. */
function childrenOf(
  node: z.infer<typeof nodeSchema>,
  known: ReadonlySet<number>,
): readonly (readonly [string, TreeNodeState])[] {
  return Object.entries(node.key_to_child_node).map(([key, child]) => [
    keyOf(key),
    {
      clusterIds: child.cluster_ids.filter((clusterId) => known.has(clusterId)),
      children: childrenOf(child, known),
    },
  ]);
}

const ENCODED_KEY = 'json://';

function keyOf(key: string): string {
  if (!key.startsWith(ENCODED_KEY)) return key;
  try {
    return String(JSON.parse(key.slice(ENCODED_KEY.length)));
  } catch (error) {
    throw new SnapshotFailure(`the key ${key} is not JSON`, { cause: error });
  }
}
