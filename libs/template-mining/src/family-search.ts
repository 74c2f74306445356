import { type Frame, SLOT } from './frame';
import { MARK, type PieceBuffer } from './piece-buffer';
import type { RowGroup, TemplateFamily } from './template-family';

/** Share of a line's words that a family must have for the line to join it. */
const LEAST_SIMILARITY = 0.5;
/** Of equally similar families the older one. */
export function mostSimilar(
  frame: Frame<TemplateFamily> | undefined,
  line: Int32Array,
): TemplateFamily | undefined {
  let best: TemplateFamily | undefined;
  let most = LEAST_SIMILARITY;
  for (const family of frame?.candidates(line) ?? []) {
    const similarity = family.similarityTo(line);
    if (similarity < most) continue;
    if (best && similarity === most && best.foundingId < family.foundingId) continue;
    best = family;
    most = similarity;
  }
  return best;
}

/** The marks of a line in their places. */
export function frameKeyOf({ count, kinds, units, starts }: PieceBuffer): string {
  let frame = '';
  for (let index = 0; index < count; index++) {
    const start = starts[index] as number;
    frame += kinds[index] === MARK ? String.fromCharCode(units[start] as number) : SLOT;
  }
  return frame;
}

/** Of those with equally few wildcards the oldest. */
export function mostSpecific(groups: readonly RowGroup[], line: Int32Array): RowGroup | undefined {
  let best: RowGroup | undefined;
  let fewest = Infinity;
  for (const group of groups) {
    if (group.wildcards > fewest || !group.fits(line)) continue;
    if (best && group.wildcards === fewest && group.clusterId > best.clusterId) continue;
    best = group;
    fewest = group.wildcards;
  }
  return best;
}
