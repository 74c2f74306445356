/**
 * Divides the positions of a window among masked passes: pass p masks p, p + passes, p + 2·passes, …
 *
 * Strided rather than in blocks, so that a masked position keeps its neighbours in sight.
 *
 * @param length number of positions, an integer >= 0
 * @param passes an integer >= 1; more passes than positions give one position each
 * @returns disjoint ascending lists that cover each position once, none of them empty; no list for length 0
 * @throws RangeError when an argument is not such an integer
 */
export function stridedMasks(length: number, passes: number): readonly (readonly number[])[] {
  if (!Number.isInteger(length) || length < 0) {
    throw new RangeError(`length: ${length} is not an integer >= 0`);
  }
  if (!Number.isInteger(passes) || passes < 1) {
    throw new RangeError(`passes: ${passes} is not an integer >= 1`);
  }
  const masks: number[][] = [];
  for (let first = 0; first < Math.min(length, passes); first++) {
    const mask: number[] = [];
    for (let position = first; position < length; position += passes) mask.push(position);
    masks.push(mask);
  }
  return masks;
}
