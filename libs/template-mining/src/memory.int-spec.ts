import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { MinerSettings } from './miner-settings';
import { TemplateMiner } from './template-miner';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const MILLION = 1_000_000;

/** Every text of four letters of sixteen. */
const SYLLABLES = Array.from({ length: 65_536 }, (_, index) =>
  [12, 8, 4, 0].map((shift) => 'bcdfghjklmnprstw'[(index >>> shift) & 15]).join(''),
);

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
    return `${SYLLABLES[this.state >>> 16]}${SYLLABLES[this.state & 65_535]}`;
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

const CAPS: readonly (readonly [name: string, lines: number, settings: Partial<MinerSettings>])[] =
  [
    ['100 clusters', 5 * MILLION, { engine: 'drain', maxClusters: 100, depth: 5 }],
    ['256 KiB', 5 * MILLION, { engine: 'drain', maxBytes: 256 * 1_024, depth: 5 }],
    ['100 clusters of the flexible engine', MILLION, { engine: 'flexible', maxClusters: 100 }],
    ['256 KiB in the flexible engine', MILLION, { engine: 'flexible', maxBytes: 256 * 1_024 }],
  ];

describe('lines of ever-new tokens', () => {
  it.each(CAPS)(
    'leave memory flat with %s: %i lines',
    { timeout: 600_000 },
    (name, count, settings) => {
      const miner = new TemplateMiner({ masks: [], ...settings });
      const lines = new NonsenseLines();
      feed(miner, lines, count / 5);
      const early = held(miner);
      feed(miner, lines, (4 * count) / 5);
      const late = held(miner);
      console.info(
        `${name}: after a fifth ${JSON.stringify(early)}, after all ${JSON.stringify(late)}`,
      );
      expect(late.heap).toBeLessThan(early.heap + 2 * MILLION);
      // Branches without templates are kept up to 20,000 nodes, so that the count swings by as many tokens.
      expect(late.tokens).toBeLessThan(25_000);
      expect(late.counted).toBeLessThan(12 * MILLION);
      expect(late.templates).toBeGreaterThan(20);
    },
  );

  it('are a small part of the work in quarantine', () => {
    const quarantine = { windowLines: 2_000, createdShare: 0.5, windows: 3, restLines: 20_000 };
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxClusters: 200, quarantine });
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
    const miner = new TemplateMiner({
      engine: 'drain',
      masks: [],
      maxChildren: 10_000,
      similarity: 1,
    });
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
