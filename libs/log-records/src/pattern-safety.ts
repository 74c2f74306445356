import { MAX_POSITIONS, PatternAutomaton } from './pattern-automaton';
import { parsePattern, type PatternNode } from './pattern-syntax';

/** Steps that the check itself may take. */
const MAX_STEPS = 2_000_000;
/** n² is bearable on a bounded text, n³ is not. */
const MAX_DEGREE = 2;

/**
 * Says why an expression of a user must not be run on lines of strangers.
 *
 * Source: Weideman, van der Merwe, Berglund & Watson, "Analyzing Matching Time Behavior of Backtracking Regular Expression
 * Matchers by Using Ambiguity of NFA", CIAA 2016: a loop that a text can go round in two ways takes exponential time, a
 * chain of k loops that the same text feeds takes time of degree k.
 *
 * @param source an ECMAScript expression without flags
 * @returns the reason, for the person who wrote it; undefined when the expression is fine. An expression that never fails
 * after such a loop may be refused without need, since what follows the loop is not looked at.
 */
export function findPatternProblem(source: string): string | undefined {
  try {
    new RegExp(source);
  } catch (error) {
    return (error as Error).message;
  }
  return problemOf(parsePattern(source), true);
}

function problemOf(root: PatternNode, isSearched: boolean): string | undefined {
  const automaton = new PatternAutomaton(root, isSearched && !isAnchored(root));
  if (automaton.hasReference) return 'a reference to an earlier group is not allowed';
  if (automaton.size > MAX_POSITIONS) return 'it is too long to be checked';
  const budget = { steps: MAX_STEPS };
  const loops = findLoops(automaton);
  if (loops.some((loop) => isAmbiguous(automaton, loop, budget))) {
    return 'nested or neighbouring repetitions can share the same text in exponentially many ways';
  }
  const degree = longestChain(automaton, loops, budget);
  if (budget.steps < 0) return 'it is too complex to be checked';
  if (degree > MAX_DEGREE) {
    return `${degree} repetitions can share the same text: its time grows with the power ${degree} of the length`;
  }
  for (const look of automaton.looks) {
    const problem = problemOf(look, false);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Whether it can begin at few places only: `^`, `\b`, or a look behind comes first. */
function isAnchored(node: PatternNode): boolean {
  switch (node.kind) {
    case 'edge':
      return node.edge !== '$';
    case 'look':
      return node.isBehind;
    case 'sequence':
      return node.parts[0] !== undefined && isAnchored(node.parts[0]);
    case 'choice':
      return node.options.every(isAnchored);
    default:
      return false;
  }
}

interface Budget {
  steps: number;
}

/** The strongly connected parts with at least one edge. */
function findLoops({ follows, size }: PatternAutomaton): readonly ReadonlySet<number>[] {
  const reach = Array.from({ length: size }, (_, position) => reachable(follows, position));
  const loops: Set<number>[] = [];
  const placed = new Set<number>();
  for (let position = 0; position < size; position++) {
    if (placed.has(position) || !reach[position]?.has(position)) continue;
    const loop = new Set<number>();
    for (const other of reach[position] ?? []) if (reach[other]?.has(position)) loop.add(other);
    for (const member of loop) placed.add(member);
    loops.push(loop);
  }
  return loops;
}

function reachable(follows: readonly ReadonlyMap<number, number>[], from: number): Set<number> {
  const seen = new Set<number>();
  const open = [from];
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    for (const next of follows[position]?.keys() ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
    }
  }
  return seen;
}

/** Whether some text leads from a position of the loop back to it in two ways. */
function isAmbiguous(
  { follows, masks, size }: PatternAutomaton,
  loop: ReadonlySet<number>,
  budget: Budget,
): boolean {
  for (const position of loop) {
    for (const [next, ways] of follows[position] ?? []) if (ways > 1 && loop.has(next)) return true;
  }
  // Pairs of positions that one text reaches at once, from a common one and back to a common one.
  const forward = new Set<number>();
  const backward = new Map<number, number[]>();
  const open = [...loop].map((position) => position * size + position);
  for (const pair of open) forward.add(pair);
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const left = Math.floor(pair / size);
    const right = pair % size;
    for (const nextLeft of follows[left]?.keys() ?? []) {
      if (!loop.has(nextLeft)) continue;
      for (const nextRight of follows[right]?.keys() ?? []) {
        if (--budget.steps < 0) return false;
        if (!loop.has(nextRight) || !overlap(masks, nextLeft, nextRight)) continue;
        const next = nextLeft * size + nextRight;
        const before = backward.get(next);
        if (before) before.push(pair);
        else backward.set(next, [pair]);
        if (forward.has(next)) continue;
        forward.add(next);
        open.push(next);
      }
    }
  }
  const back = [...loop].map((position) => position * size + position);
  const seen = new Set(back);
  for (let pair = back.pop(); pair !== undefined; pair = back.pop()) {
    if (Math.floor(pair / size) !== pair % size) return true;
    for (const before of backward.get(pair) ?? []) {
      if (seen.has(before)) continue;
      seen.add(before);
      back.push(before);
    }
  }
  return false;
}

function overlap(masks: readonly bigint[], left: number, right: number): boolean {
  return ((masks[left] as bigint) & (masks[right] as bigint)) !== 0n;
}

/** Most loops in a row that one text can feed. */
function longestChain(
  automaton: PatternAutomaton,
  loops: readonly ReadonlySet<number>[],
  budget: Budget,
): number {
  const reach = loops.map((loop) => reachable(automaton.follows, [...loop][0] as number));
  const length = new Map<number, number>();
  const chainFrom = (index: number): number => {
    const known = length.get(index);
    if (known !== undefined) return known;
    let longest = 1;
    for (const [other, loop] of loops.entries()) {
      if (other === index || !reach[index]?.has([...loop][0] as number)) continue;
      if (canShare(automaton, loops[index] as ReadonlySet<number>, loop, budget)) {
        longest = Math.max(longest, 1 + chainFrom(other));
      }
    }
    length.set(index, longest);
    return longest;
  };
  return Math.max(0, ...loops.map((_, index) => chainFrom(index)));
}

/** Whether some text goes round the first loop, round the second, and from the first to the second. */
function canShare(
  { follows, masks, size }: PatternAutomaton,
  first: ReadonlySet<number>,
  second: ReadonlySet<number>,
  budget: Budget,
): boolean {
  for (const start of first) {
    for (const goal of second) {
      const origin = (start * size + start) * size + goal;
      const wanted = (start * size + goal) * size + goal;
      const seen = new Set<number>();
      const open = [origin];
      for (let state = open.pop(); state !== undefined; state = open.pop()) {
        const round = Math.floor(state / (size * size));
        const across = Math.floor(state / size) % size;
        const last = state % size;
        for (const nextRound of follows[round]?.keys() ?? []) {
          if (!first.has(nextRound)) continue;
          for (const nextLast of follows[last]?.keys() ?? []) {
            if (!second.has(nextLast)) continue;
            const shared = (masks[nextRound] as bigint) & (masks[nextLast] as bigint);
            if (--budget.steps < 0) return false;
            if (shared === 0n) continue;
            for (const nextAcross of follows[across]?.keys() ?? []) {
              if (--budget.steps < 0) return false;
              if ((shared & (masks[nextAcross] as bigint)) === 0n) continue;
              const next = (nextRound * size + nextAcross) * size + nextLast;
              if (next === wanted) return true;
              if (seen.has(next)) continue;
              seen.add(next);
              open.push(next);
            }
          }
        }
      }
    }
  }
  return false;
}
