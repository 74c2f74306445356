import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { MinerSettings } from './miner-settings';
import { TemplateMiner } from './template-miner';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MILLION = 1_000_000;

/** Lines of ever-new tokens, drawn from a sequence of 2^32 that does not repeat before its end. */
class NonsenseLines {
  private state = 1;

  next(): string {
    const count = 3 + (this.state >>> 29);
    let line = this.word();
    for (let index = 1; index < count; index++) line += ` ${this.word()}`;
    return line;
  }

  /** Full period: an odd increment, and a multiplier of which 1 less divides by 4. */
  private word(): string {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0;
    return `w${(this.state >>> 0).toString(36).replace(/\d/g, 'Z')}`;
  }
}

interface Held {
  readonly heap: number;
  readonly counted: number;
  readonly tokens: number;
  readonly templates: number;
}

function held(miner: TemplateMiner): Held {
  collectGarbage();
  return {
    heap: process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers,
    counted: miner.heldBytes,
    tokens: miner.tokenCount,
    templates: miner.templates().length,
  };
}

function feed(miner: TemplateMiner, lines: NonsenseLines, count: number): void {
  for (let index = 0; index < count; index++) miner.learn(lines.next());
}

const CAPS: readonly (readonly [name: string, settings: Partial<MinerSettings>])[] = [
  ['maxClusters', { maxClusters: 100 }],
  ['maxBytes', { maxBytes: 256 * 1_024 }],
];

describe('5 million lines of ever-new tokens', () => {
  it.each(CAPS)(
    'leave memory flat with %s',
    (name, settings) => {
      const miner = new TemplateMiner({ masks: [], depth: 5, ...settings });
      const lines = new NonsenseLines();
      feed(miner, lines, MILLION);
      const early = held(miner);
      feed(miner, lines, 4 * MILLION);
      const late = held(miner);
      console.info(`${name}: at 1 million ${JSON.stringify(early)}, at 5 ${JSON.stringify(late)}`);
      expect(late.heap).toBeLessThan(early.heap + 4 * MILLION);
      // Branches without templates are kept up to 20,000 nodes, so that the count swings by as many tokens.
      expect(late.tokens).toBeLessThan(25_000);
      expect(late.counted).toBeLessThan(12 * MILLION);
      expect(late.templates).toBeGreaterThan(50);
    },
    300_000,
  );

  it('are a small part of the work in quarantine', () => {
    const quarantine = { windowLines: 2_000, createdShare: 0.5, windows: 3, restLines: 20_000 };
    const miner = new TemplateMiner({ masks: [], maxClusters: 200, quarantine });
    feed(miner, new NonsenseLines(), MILLION);
    expect(miner.grouping.state).toBe('quarantined');
    expect(miner.templates().length).toBe(200);
    const { clusterId } = miner.learn('x y z');
    expect(clusterId).toBe(0);
  });
});

describe('the formula of the memory', () => {
  it.each([
    ['templates of short lines', 20_000, 6],
    ['templates of long lines', 3_000, 60],
  ])('is no less than what %s take', (_name, count, words) => {
    const lines = new NonsenseLines();
    const texts = Array.from({ length: count }, () => {
      let line = lines.next();
      while (line.split(' ').length < words) line += ` ${lines.next()}`;
      return line;
    });
    const miner = new TemplateMiner({ masks: [], maxChildren: 10_000, similarity: 1 });
    const before = held(miner);
    for (const text of texts) miner.learn(text);
    const after = held(miner);
    const taken = after.heap - before.heap;
    const counted = after.counted - before.counted;
    console.info(`formula ${counted}, heap ${taken}, share ${(counted / taken).toFixed(2)}`);
    expect(taken).toBeLessThan(counted);
    expect(taken).toBeGreaterThan(counted / 3);
  });
});
