/**
 * Whether parsed JSON nests deeper than so many arrays and objects; found without recursion, which hostile nesting breaks.
 */
export function nestsDeeperThan(value: unknown, levels: number): boolean {
  let layer = [value].filter(isNested);
  for (let level = 0; layer.length > 0; level++) {
    if (level === levels) return true;
    const below: object[] = [];
    for (const parent of layer) {
      for (const child of Object.values(parent) as unknown[])
        if (isNested(child)) below.push(child);
    }
    layer = below;
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
