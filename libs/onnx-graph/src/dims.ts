/**
 * One dimension: its size, or the name of a size known only when the model runs. A product of unknown
 * sizes is written with `*`, as in `batch*length`.
 */
export type Dim = number | string;

export function describeDims(dims: readonly Dim[]): string {
  return `[${dims.join(', ')}]`;
}

/** Shape of an elementwise operation on both shapes, or undefined when they do not fit (NumPy rules). */
export function broadcastDims(left: readonly Dim[], right: readonly Dim[]): Dim[] | undefined {
  const rank = Math.max(left.length, right.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const one = left[left.length - rank + axis] ?? 1;
    const other = right[right.length - rank + axis] ?? 1;
    if (one !== other && one !== 1 && other !== 1) return undefined;
    result.push(one === 1 ? other : one);
  }
  return result;
}

/** The product of dimensions in a form in which equal products are equal text. */
export function productOf(dims: readonly Dim[]): string {
  let factor = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') factor *= dim;
    else names.push(...dim.split('*'));
  }
  return [factor, ...names.sort()].join('*');
}

/** The axis counted from the front, or undefined when there is none such. */
export function axisOf(axis: number, rank: number): number | undefined {
  const positive = axis < 0 ? axis + rank : axis;
  return positive >= 0 && positive < rank ? positive : undefined;
}
