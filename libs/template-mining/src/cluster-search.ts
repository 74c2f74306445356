import type { TemplateCluster } from './template-cluster';

/** Number of the token that stands for anything. */
export const WILDCARD = 0;

/**
 * The cluster with most tokens equal to the line's; on a tie the one with more wildcards, then the older.
 *
 * @param line numbers of the line's tokens, as many as `count`; a wildcard of a template counts as different
 * @param similarity least share of equal tokens
 */
export function mostSimilar(
  clusters: readonly TemplateCluster[],
  line: Int32Array,
  count: number,
  similarity: number,
): TemplateCluster | undefined {
  let best: TemplateCluster | undefined;
  let bestEqual = -1;
  let bestWildcards = -1;
  for (let at = 0; at < clusters.length; at++) {
    const cluster = clusters[at] as TemplateCluster;
    const { tokens } = cluster;
    let equal = 0;
    let wildcards = 0;
    for (let index = 0; index < count; index++) {
      const token = tokens[index] as number;
      if (token === WILDCARD) wildcards++;
      else if (token === line[index]) equal++;
      // Even if all the rest were equal, an earlier cluster would stay ahead.
      else if (equal + (count - index - 1) < bestEqual) break;
    }
    if (equal > bestEqual || (equal === bestEqual && wildcards > bestWildcards)) {
      best = cluster;
      bestEqual = equal;
      bestWildcards = wildcards;
      if (equal === count) break;
    }
  }
  return bestEqual / count >= similarity ? best : undefined;
}

/** The cluster that the line fits in every token; among several the one with most wildcards, on a tie the first. */
export function fitting(
  clusters: readonly TemplateCluster[],
  line: Int32Array,
  count: number,
): TemplateCluster | undefined {
  let best: TemplateCluster | undefined;
  let bestWildcards = -1;
  for (let at = 0; at < clusters.length; at++) {
    const cluster = clusters[at] as TemplateCluster;
    const { tokens } = cluster;
    let wildcards = 0;
    let index = 0;
    for (; index < count; index++) {
      const token = tokens[index] as number;
      if (token === WILDCARD) wildcards++;
      else if (token !== line[index]) break;
    }
    if (index === count && wildcards > bestWildcards) {
      best = cluster;
      bestWildcards = wildcards;
    }
  }
  return best;
}
