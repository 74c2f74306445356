import type { TemplateCluster } from './template-cluster';

/** A node of the prefix tree. Children are in order of creation, which decides ties in a full search. */
export class TreeNode {
  readonly children = new Map<number, TreeNode>();
  clusters: TemplateCluster[] = [];
}
