import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FamilyTree } from './family-tree';
import { PieceBuffer } from './piece-buffer';
import { PieceScanner } from './piece-scanner';
import type { RowGroup } from './template-family';

const scanner = new PieceScanner(['NUM', 'IP'], '<', '>');
const settings = { maxClusters: undefined, wildcard: '<*>' };

function read(line: string): PieceBuffer {
  const buffer = new PieceBuffer();
  buffer.load(line);
  scanner.read(buffer);
  return buffer;
}

function learnAll(lines: readonly string[], tree = new FamilyTree(settings)): FamilyTree {
  for (const line of lines) tree.learn(read(line));
  return tree;
}

function templatesOf(tree: FamilyTree): string[] {
  return Array.from(tree.groups(), ({ template }) => template).sort();
}

function matched(tree: FamilyTree, line: string): string | undefined {
  return tree.match(read(line), 'fallback')?.template;
}

const states = ['Started', 'Paused', 'Resumed'].map((state) => `VM ${state} (Lifecycle Event)`);
const users = Array.from({ length: 20 }, (_, index) => `${'abcdefghijklmnopqrst'[index]}nna`);

describe('FamilyTree', () => {
  it('keeps apart what few words tell apart', () => {
    expect(templatesOf(learnAll([...states, ...states]))).toEqual([...states].sort());
  });

  it('makes a value of a place with many words', () => {
    const tree = learnAll(users.map((user) => `session opened for user ${user} by uid=<NUM>`));

    expect(templatesOf(tree)).toEqual(['session opened for user <*> by uid=<NUM>']);
    expect(matched(tree, 'session opened for user zoe by uid=<NUM>')).toBeDefined();
    expect(matched(tree, 'session closed for user zoe by uid=<NUM>')).toBeUndefined();
  });

  it('does not let what one statement varies blur another', () => {
    const tree = learnAll([
      ...users.map((user) => `login of ${user} was accepted`),
      ...states.map((state) => `login of ${state.split(' ')[1]} was denied`),
    ]);

    expect(templatesOf(tree)).toContain('login of <*> was accepted');
    expect(templatesOf(tree)).toContain('login of Paused was denied');
  });

  it('gives one template to lists and values of any length', () => {
    const tree = learnAll(['ask <IP> to delete <NUM>', 'ask <IP> to delete <NUM> <NUM> <NUM>']);
    learnAll(['login (<IP>) user= from=<IP>', 'login () user=<NUM> from=<IP>'], tree);

    expect(templatesOf(tree)).toEqual(['ask <IP> to delete <*>', 'login (<*>) user=<*> from=<IP>']);
  });

  it('tells what learning did', () => {
    const tree = new FamilyTree(settings);
    const changes = ['a <NUM>', 'a <NUM>', 'a <IP>', 'b x y z'].map((line) => {
      tree.learn(read(line));
      return tree.lastChange;
    });

    expect(changes).toEqual(['created', 'none', 'changed', 'created']);
  });

  it('keeps the id of a template that others fall into', () => {
    const tree = new FamilyTree(settings);
    const first = tree.learn(read(`session opened for user ${users[0]}`))?.clusterId;
    const last = learnAll(
      users.map((user) => `session opened for user ${user}`),
      tree,
    ).learn(read('session opened for user zoe'));

    expect(last?.clusterId).toBe(first);
    expect(last?.size).toBe(users.length + 2);
    expect(tree.clusterCount).toBe(1);
  });

  it('forgets the least recently used families and all that they held', () => {
    const tree = new FamilyTree({ ...settings, maxClusters: 3 });
    for (const word of users) learnAll([`${word} ${word} ${word}`], tree);

    expect(tree.clusterCount).toBe(3);
    expect(tree.tokenCount).toBeLessThanOrEqual(4);
    expect(matched(tree, 'anna anna anna')).toBeUndefined();
  });

  it('stays small however many words a place has', () => {
    const tree = new FamilyTree(settings);
    for (let index = 0; index < 20_000; index++) {
      tree.learn(read(`user w${index.toString(36)} said v${((index * 7) % 9_973).toString(36)}`));
    }

    expect(tree.clusterCount).toBeLessThan(10);
    expect(tree.tokenCount).toBeLessThan(1_000);
  });

  it('answers alike after a restart, whatever it has read', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd1', '<NUM>', '<IP>', '=', ',', '(', ')', '""');
    const line = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 80 }),
        fc.array(line, { maxLength: 30 }),
        fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        (before, after, maxClusters) => {
          const limits = { ...settings, maxClusters };
          const tree = learnAll(before, new FamilyTree(limits));
          const state = JSON.parse(JSON.stringify(tree.state())) as ReturnType<FamilyTree['state']>;
          const other = FamilyTree.restore(limits, state);
          const answer = (of: FamilyTree, text: string): unknown => {
            const group = of.learn(read(text)) as RowGroup;
            return [of.lastChange, group.clusterId, group.template, group.size, of.tokenCount];
          };

          expect(templatesOf(other)).toEqual(templatesOf(tree));
          for (const text of after) expect(answer(other, text)).toEqual(answer(tree, text));
          for (const text of [...before, ...after]) {
            expect(matched(other, text)).toBe(matched(tree, text));
          }
        },
      ),
    );
  });

  it('matches every line that it keeps', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd', 'e7', '<NUM>', '=', '"');
    const line = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 200 }), (lines) => {
        const tree = learnAll(lines);
        for (const text of lines) expect(matched(tree, text)).toBeDefined();
      }),
    );
  });
});
