import { fitting, mostSimilar } from './cluster-search';
import { LeafIndex } from './leaf-index';
import type { TemplateCluster } from './template-cluster';

/** From so many clusters on, a look at all of them takes longer than the index. */
const LEAST_INDEXED = 8;

/** A node of the prefix tree. Children are in order of creation, which decides ties in a full search. */
export class TreeNode {
  readonly children = new Map<number, TreeNode>();
  readonly clusters: TemplateCluster[] = [];
  private index: LeafIndex | undefined;

  /** Adds a cluster that is newer than all others. */
  add(cluster: TemplateCluster): void {
    this.clusters.push(cluster);
    this.index?.add(cluster);
  }

  remove(cluster: TemplateCluster): void {
    this.clusters.splice(this.clusters.indexOf(cluster), 1);
    this.index?.remove(cluster);
  }

  /** Tells that the tokens of a cluster of this leaf are others now. */
  change(cluster: TemplateCluster): void {
    this.index?.change(cluster);
  }

  /** The cluster most like a line, as `cluster-search` says. */
  mostSimilar(line: Int32Array, count: number, similarity: number): TemplateCluster | undefined {
    const least = leastEqual(count, similarity);
    const index = least > 0 ? this.indexed(count) : undefined;
    return index
      ? index.mostSimilar(line, least)
      : mostSimilar(this.clusters, line, count, similarity);
  }

  /** The cluster that a line fits, as `cluster-search` says. */
  fitting(line: Int32Array, count: number): TemplateCluster | undefined {
    const index = this.indexed(count);
    return index ? index.fitting(line) : fitting(this.clusters, line, count);
  }

  private indexed(count: number): LeafIndex | undefined {
    if (this.clusters.length < LEAST_INDEXED || count === 0) return undefined;
    return (this.index ??= LeafIndex.build(this.clusters, count));
  }
}

/** How many of `count` tokens make a share of at least `similarity`. */
function leastEqual(count: number, similarity: number): number {
  let least = Math.floor(count * similarity);
  while (least > 0 && (least - 1) / count >= similarity) least--;
  while (least / count < similarity) least++;
  return least;
}
