/** Nested plain configuration values before they are checked. */
export type ConfigurationTree = Record<string, unknown>;

/** Keys that hold one of several shapes told apart by `kind`: another kind replaces the whole. */
const UNION_KEYS: ReadonlySet<string> = new Set(['format', 'window']);

export function isTree(value: unknown): value is ConfigurationTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The tree of `over` laid on `base`: objects are merged, everything else is replaced. */
export function mergeTrees(base: ConfigurationTree, over: ConfigurationTree): ConfigurationTree {
  const merged: ConfigurationTree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const present = merged[key];
    merged[key] =
      isTree(present) && isTree(value) && !isOtherKind(key, present, value)
        ? mergeTrees(present, value)
        : value;
  }
  return merged;
}

/** The value at `path`, or undefined when the tree does not reach it. */
export function valueAt(tree: ConfigurationTree, path: readonly PropertyKey[]): unknown {
  let value: unknown = tree;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isTree(value) && Object.hasOwn(value, key)) value = value[String(key)];
    else return undefined;
  }
  return value;
}

/** The tree with one value set at `path`; objects on the way are created or copied. */
export function withValue(
  tree: ConfigurationTree,
  path: readonly string[],
  value: unknown,
): ConfigurationTree {
  const [head, ...rest] = path;
  if (head === undefined) return tree;
  const child = Object.hasOwn(tree, head) ? tree[head] : undefined;
  return {
    ...tree,
    [head]: rest.length === 0 ? value : withValue(isTree(child) ? child : {}, rest, value),
  };
}

function isOtherKind(key: string, present: ConfigurationTree, value: ConfigurationTree): boolean {
  return UNION_KEYS.has(key) && 'kind' in value && value['kind'] !== present['kind'];
}
