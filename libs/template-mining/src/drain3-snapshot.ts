import { z } from 'zod';
import type { DrainTreeState, TreeNodeState } from './drain-tree-state';
import { inflateText } from './inflate';
import type { MinerSettings } from './miner-settings';
import { type OrderedJson, parseOrderedJson } from './ordered-json';
import { SnapshotFailure } from './snapshot-failure';

type Fields = ReadonlyMap<string, OrderedJson>;
type Clusters = DrainTreeState['clusters'];

/** 64 levels of a tree, each with its object, state, tuple and children. */
const MAX_NESTING = 512;
const MAX_UNPACKED_BYTES = 256 * 1_024 * 1_024;

const drainSchema = z.object({
  'py/object': z.literal('drain3.drain.Drain'),
  log_cluster_depth: z.int(),
  sim_th: z.number(),
  max_children: z.int(),
  extra_delimiters: z.array(z.string()),
  max_clusters: z.int().nullable(),
  param_str: z.string().includes('*'),
  parametrize_numeric_tokens: z.boolean().default(true),
  clusters_counter: z.int().nonnegative(),
});

const clusterSchema = z.object({
  cluster_id: z.int().positive(),
  size: z.int().positive(),
  log_template_tokens: z.array(z.string()),
});

/** Everything of a miner that drain3 keeps; masks it does not. */
export interface Drain3Import {
  readonly settings: Partial<MinerSettings>;
  readonly state: DrainTreeState;
}

/**
 * Reads a snapshot as drain3 0.9.11 writes it: jsonpickle's JSON, or Base64 of its zlib compression.
 *
 * Attributes of an object stand beside its type, or, from Python 3.11 on, in `py/state`.
 *
 * @throws SnapshotFailure when it is neither, misses a part, nests deeper than a tree can or unpacks to more than 256 MiB
 */
export async function parseDrain3Snapshot(text: string): Promise<Drain3Import> {
  const isPlain = text.trimStart().startsWith('{');
  const json = isPlain ? text : await inflateText(text.trim(), MAX_UNPACKED_BYTES);
  const value = parseOrderedJson(json, MAX_NESTING);
  const fields = new Map([...fieldsOf(value, 'the state'), ['py/object', typeOf(value)]]);
  const drain = read(drainSchema, fields, 'the state');
  const { param_str: wildcard } = drain;
  const star = wildcard.indexOf('*');
  const clusters = clustersOf(fieldsOf(fields.get('id_to_cluster'), 'id_to_cluster'));
  const known = new Set(clusters.map(({ clusterId }) => clusterId));
  const layers = childrenOf(fieldsOf(fields.get('root_node'), 'root_node'), known);
  return {
    settings: {
      depth: drain.log_cluster_depth,
      similarity: drain.sim_th,
      maxChildren: drain.max_children,
      maxClusters: drain.max_clusters ?? undefined,
      parametrizeNumericTokens: drain.parametrize_numeric_tokens,
      extraDelimiters: drain.extra_delimiters,
      maskPrefix: wildcard.slice(0, star),
      maskSuffix: wildcard.slice(star + 1),
    },
    state: {
      lastClusterId: drain.clusters_counter,
      clusters,
      tree: layers.map(([key, node]) => ({ tokenCount: countOf(key), node })),
    },
  };
}

function isFields(value: OrderedJson | undefined): value is Fields {
  return value instanceof Map;
}

function typeOf(value: OrderedJson): OrderedJson {
  return (isFields(value) ? value.get('py/object') : undefined) ?? null;
}

/** An object's attributes, wherever jsonpickle put them. */
function fieldsOf(value: OrderedJson | undefined, name: string): Fields {
  const state = isFields(value) ? (value.get('py/state') ?? value) : undefined;
  const fields = isFields(state) && state.has('py/tuple') ? listOf(state).at(-1) : state;
  if (!isFields(fields)) throw new SnapshotFailure(`${name} is not an object`);
  return fields;
}

/** A list, or a tuple as jsonpickle writes it. */
function listOf(value: OrderedJson | undefined): readonly OrderedJson[] {
  const list = isFields(value) ? value.get('py/tuple') : value;
  if (!Array.isArray(list)) throw new SnapshotFailure('a list is missing');
  return list as readonly OrderedJson[];
}

/** Checks the attributes that the schema names; tuples among them become lists. */
function read<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  fields: Fields,
  name: string,
): z.infer<z.ZodObject<Shape>> {
  const picked = Object.keys(schema.shape).map((key) => {
    const value = fields.get(key);
    return [key, isFields(value) ? value.get('py/tuple') : value] as const;
  });
  const parsed = schema.safeParse(Object.fromEntries(picked));
  if (!parsed.success) throw new SnapshotFailure(`${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Clusters, least recently used first where drain3 kept that order. */
function clustersOf(stored: Fields): Clusters {
  const cache = stored.get('_Cache__data');
  const byId = new Map<number, Clusters[number]>();
  for (const value of (cache === undefined ? stored : fieldsOf(cache, '_Cache__data')).values()) {
    const cluster = read(clusterSchema, fieldsOf(value, 'a cluster'), 'a cluster');
    const { cluster_id: clusterId, size, log_template_tokens: tokens } = cluster;
    byId.set(clusterId, { clusterId, size, tokens });
  }
  if (cache === undefined) return [...byId.values()];

  const ordered = orderOf(stored).map((clusterId) => byId.get(clusterId as number));
  const clusters = ordered.filter((cluster) => cluster !== undefined);
  if (clusters.length !== ordered.length || new Set(clusters).size !== byId.size) {
    throw new SnapshotFailure('the order of use does not name every cluster once');
  }
  return clusters;
}

function orderOf(cache: Fields): readonly OrderedJson[] {
  const order = fieldsOf(cache.get('_LRUCache__order'), '_LRUCache__order').get('py/reduce');
  const items = listOf(order)[4] ?? null;
  return items === null ? [] : listOf(items).map((item) => listOf(item)[0] ?? null);
}

/** Leaves may still name clusters that drain3 has forgotten; it skips them, and so do we. */
function childrenOf(
  node: Fields,
  known: ReadonlySet<number>,
): readonly (readonly [string, TreeNodeState])[] {
  const children = node.get('key_to_child_node');
  if (!isFields(children)) throw new SnapshotFailure('a node has no children');
  return Array.from(children, ([key, value]) => {
    const child = fieldsOf(value, 'a node');
    const clusterIds = listOf(child.get('cluster_ids')).filter(
      (clusterId) => typeof clusterId === 'number' && known.has(clusterId),
    ) as number[];
    return [keyOf(key), { clusterIds, children: childrenOf(child, known) }] as const;
  });
}

function countOf(key: string): number {
  if (!/^\d{1,9}$/.test(key)) throw new SnapshotFailure(`${key} is not a number of tokens`);
  return Number(key);
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
