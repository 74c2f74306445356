import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitting, mostSimilar, WILDCARD } from './cluster-search';
import { LeafIndex } from './leaf-index';
import { TemplateCluster } from './template-cluster';
import { TokenTable } from './token-table';
import { TreeNode } from './tree-node';

const COUNT = 5;
const table = new TokenTable();

// Few tokens a place, so that ties are common; -1 is a token that no template has.
const token = fc.integer({ min: WILDCARD, max: 3 });
const template = fc.array(token, { minLength: COUNT, maxLength: COUNT });
const line = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: COUNT, maxLength: COUNT });
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), tokens: template }),
  fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('change' as const), which: fc.nat(), place: fc.nat(COUNT - 1) }),
);

describe('TreeNode', () => {
  it('answers with its index as a look at all clusters does, whatever comes, goes or changes', () => {
    const steps = fc.array(step, { maxLength: 30 });
    const first = fc.array(template, { minLength: 30, maxLength: 60 });
    const lines = fc.array(line, { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(first, steps, lines, (templates, changes, queries) => {
        const node = new TreeNode();
        let lastId = 0;
        const add = (tokens: readonly number[]) => {
          node.add(new TemplateCluster(++lastId, Int32Array.from(tokens), table));
        };
        const check = () => {
          for (const query of queries) {
            const numbers = Int32Array.from(query);
            for (const similarity of [0, 0.2, 0.4, 0.65, 1]) {
              expect(node.mostSimilar(numbers, COUNT, similarity)).toBe(
                mostSimilar(node.clusters, numbers, COUNT, similarity),
              );
            }
            expect(node.fitting(numbers, COUNT)).toBe(fitting(node.clusters, numbers, COUNT));
          }
        };
        for (const tokens of templates) add(tokens);
        check();
        for (const change of changes) {
          const { clusters } = node;
          if (change.kind === 'add') add(change.tokens);
          else {
            const cluster = clusters[change.which % clusters.length] as TemplateCluster;
            if (change.kind === 'remove') node.remove(cluster);
            else {
              const after = cluster.tokens.slice();
              after[change.place] = WILDCARD;
              cluster.generalise(after);
              node.change(cluster);
            }
          }
        }
        check();
      }),
      { numRuns: 300, seed: 41 },
    );
  });
});

describe('LeafIndex', () => {
  it('is not built over clusters out of order', () => {
    const clusters = [2, 1].map((id) => new TemplateCluster(id, Int32Array.of(1), table));
    expect(LeafIndex.build(clusters, 1)).toBeUndefined();
  });
});
