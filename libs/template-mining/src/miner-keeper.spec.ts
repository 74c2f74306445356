import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MinerChanges } from './miner-changes';
import { MinerKeeper, type MinerStateStore } from './miner-keeper';
import type { MinerSettings } from './miner-settings';
import { SnapshotFailure } from './snapshot-failure';
import { TemplateMiner } from './template-miner';

/** A store in memory. */
class MemoryStore implements MinerStateStore {
  base: string | undefined;
  records = '';

  load(): Promise<{ base: string; records: string } | undefined> {
    const { base, records } = this;
    return Promise.resolve(base === undefined ? undefined : { base, records });
  }

  async replace(pieces: Iterable<string>): Promise<void> {
    let base = '';
    for (const piece of pieces) {
      base += piece;
      await Promise.resolve();
    }
    this.base = base;
    this.records = '';
  }

  append(record: string): Promise<void> {
    this.records += record;
    return Promise.resolve();
  }
}

const quarantine = { windowLines: 10, createdShare: 0.5, windows: 2, restLines: 20 };
const SETTINGS: Readonly<Record<string, Partial<MinerSettings>>> = {
  unbounded: { masks: [] },
  'least recently used': { masks: [], maxClusters: 5, maxChildren: 3, depth: 5 },
  'bounded bytes': { masks: [], maxBytes: 65_536, maxTokens: 4 },
  quarantined: { maxClusters: 4, quarantine },
  flexible: { engine: 'flexible' },
  'flexible and least recently used': { engine: 'flexible', maxClusters: 5 },
  'flexible and bounded in bytes': { engine: 'flexible', maxBytes: 65_536, maxTokens: 4 },
  'flexible and quarantined': { engine: 'flexible', maxClusters: 4, quarantine },
};

const open = (store: MinerStateStore, settings: Partial<MinerSettings>): Promise<MinerKeeper> =>
  MinerKeeper.open(store, () => new TemplateMiner({ engine: 'drain', ...settings }));

const token = fc.constantFrom('a', 'b', 'c', 'd1', '<*>', '__proto__', '\ud800', 'x'.repeat(9_000));
const line = fc.array(token, { maxLength: 6 }).map((words) => words.join(' '));
const work = fc.array(
  fc.oneof({ weight: 8, arbitrary: line }, { weight: 1, arbitrary: fc.constant(null) }),
  {
    maxLength: 150,
  },
);

describe('MinerKeeper', () => {
  it.each(Object.entries(SETTINGS))(
    'gives back the same miner when %s',
    async (_name, settings) => {
      await fc.assert(
        fc.asyncProperty(work, fc.array(line, { maxLength: 40 }), async (steps, after) => {
          const store = new MemoryStore();
          const { miner, save } = await opened(store, settings);
          for (const step of steps) {
            if (step === null) await save();
            else miner.learn(step);
          }
          await save();
          const restored = (await open(store, settings)).miner;
          expect(restored.snapshot()).toEqual(miner.snapshot());
          expect(restored.templates()).toEqual(miner.templates());
          expect(restored.heldBytes).toBe(miner.heldBytes);
          for (const next of after) {
            expect(answerOf(restored, next)).toEqual(answerOf(miner, next));
            expect(restored.learn(next)).toEqual(miner.learn(next));
          }
          expect(restored.grouping).toEqual(miner.grouping);
          expect(restored.snapshot()).toEqual(miner.snapshot());
        }),
        { numRuns: 150, seed: 1 },
      );
    },
  );

  it('gives back the same flexible engine when places have more words than are told apart', async () => {
    const word = fc.integer({ min: 0, max: 160 }).map((value) => `w${'x'.repeat(value)}`);
    const few = fc.constantFrom('on', 'off', '1', '(', ')', '');
    const wordy = fc.tuple(fc.constantFrom('disk', 'port'), word, few, fc.oneof(word, few));
    const steps = fc.array(
      fc.oneof({ weight: 30, arbitrary: wordy }, { weight: 1, arbitrary: fc.constant(null) }),
      { minLength: 300, maxLength: 600 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.array(wordy, { maxLength: 40 }), async (before, after) => {
        const store = new MemoryStore();
        const { miner, save } = await opened(store, { engine: 'flexible', maxClusters: 20 });
        for (const step of before) {
          if (step) miner.learn(step.join(' '));
          else await save();
        }
        await save();
        const restored = (await open(store, {})).miner;
        expect(restored.snapshot()).toEqual(miner.snapshot());
        for (const next of after.map((words) => words.join(' '))) {
          expect(answerOf(restored, next)).toEqual(answerOf(miner, next));
          expect(restored.learn(next)).toEqual(miner.learn(next));
        }
        expect(restored.snapshot()).toEqual(miner.snapshot());
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('keeps the state of the moment, whatever is learned while it is written', async () => {
    const store = new MemoryStore();
    const { miner, save } = await opened(store, { maxClusters: 300 });
    for (let index = 0; index < 500; index++)
      miner.learn(`some line of kind k${index} ${'x'.repeat(index)}`);
    const then = miner.snapshot();
    const saved = save();
    for (let index = 0; index < 200; index++) {
      miner.learn(`other line of kind${' y'.repeat(index)}`);
      if (index % 50 === 0) await Promise.resolve();
    }
    expect(await saved).toBe('base');
    expect((await open(store, {})).miner.snapshot()).toEqual(then);
    expect(await save()).toBe('record');
    expect((await open(store, {})).miner.snapshot()).toEqual(miner.snapshot());
  });

  it('appends what changed, says nothing when nothing did, and begins anew when that grows long', async () => {
    const store = new MemoryStore();
    const { miner, save } = await opened(store, { maxClusters: 500, masks: [] });
    miner.learn('a b c');
    expect(await save()).toBe('base');
    expect(await save()).toBe('nothing');
    miner.learn('a b d');
    expect(await save()).toBe('record');
    expect(store.records.length).toBeLessThan(200);
    const outcomes = new Set<string>();
    for (let index = 0; index < 200; index++) {
      for (let step = 0; step < 20; step++) {
        const [one, two] = [index, step].map((value) => 'q'.repeat(step) + 'z'.repeat(value));
        miner.learn(`${one} ${two}`);
      }
      outcomes.add(await save());
    }
    expect([...outcomes].sort()).toEqual(['base', 'record']);
    expect(store.records.length).toBeLessThan(200_000);
  });

  it.each(['drain', 'flexible'] as const)(
    'keeps lines that were refused, though they change no template, with the engine %s',
    async (engine) => {
      const store = new MemoryStore();
      const { miner, save } = await opened(store, {
        engine,
        masks: [],
        maxClusters: 4,
        quarantine: { ...quarantine, restLines: 1_000 },
      });
      for (let index = 0; index < 40; index++) miner.learn('w'.repeat(index + 1));
      expect(miner.grouping.state).toBe('quarantined');
      await save();
      miner.learn('v'.repeat(50));
      expect(await save()).toBe('record');
      expect(await save()).toBe('nothing');
      expect((await open(store, {})).miner.grouping).toEqual(miner.grouping);
    },
  );

  it('writes a base after a record that failed', async () => {
    const store = new MemoryStore();
    const { miner, save } = await opened(store, {});
    miner.learn('a b c');
    await save();
    const { append } = store;
    store.append = (record) => {
      store.records += record.slice(0, 30);
      return Promise.reject(new Error('disk full'));
    };
    miner.learn('d e f');
    await expect(save()).rejects.toThrow('disk full');
    store.append = append;
    expect(await save()).toBe('base');
    expect((await open(store, {})).miner.snapshot()).toEqual(miner.snapshot());
  });

  it('appends what came to a large family, not all that it has', async () => {
    const store = new MemoryStore();
    const { miner, save } = await opened(store, { engine: 'flexible', masks: [] });
    for (let index = 0; index < 100; index++) {
      miner.learn(`user ${'n'.repeat(index + 1)} logged in from the east`);
    }
    await save();
    miner.learn('user anna logged in from the east');
    expect(await save()).toBe('record');
    expect(store.records.length).toBeLessThan(500);
    const restored = (await open(store, {})).miner;
    expect(restored.snapshot()).toEqual(miner.snapshot());
    expect(restored.heldBytes).toBe(miner.heldBytes);
  });

  it('appends what changed in the flexible engine: families, or only how many lines they have', async () => {
    const store = new MemoryStore();
    const { miner, save } = await opened(store, { engine: 'flexible' });
    const names = ['anna', 'bert', 'cleo', 'dora', 'emil', 'fred', 'gerd', 'hans', 'ida', 'jana'];
    for (const name of names) miner.learn(`user ${name} logged in from 10.0.0.1`);
    expect(await save()).toBe('base');
    expect(await save()).toBe('nothing');
    miner.learn('user anna logged in from 10.0.0.2');
    expect(await save()).toBe('record');
    const counted = store.records.length;
    miner.learn('user anna logged in from somewhere');
    miner.learn('list 1, 2, 3');
    expect(await save()).toBe('record');
    expect(counted).toBeLessThan(150);
    expect(store.records.length - counted).toBeGreaterThan(counted);
    const restored = (await open(store, {})).miner;
    expect(restored.templates()).toEqual(miner.templates());
    expect(restored.snapshot()).toEqual(miner.snapshot());
  });

  it('refuses records of the other engine', async () => {
    const [one, other] = [new MemoryStore(), new MemoryStore()];
    for (const [store, engine] of [
      [one, 'drain'],
      [other, 'flexible'],
    ] as const) {
      const { miner, save } = await opened(store, { engine });
      await save();
      miner.learn('a b c');
      await save();
    }
    const record = (store: MemoryStore): MinerChanges => ({
      tree: JSON.parse(store.records.slice(17)) as MinerChanges['tree'],
      quarantine: undefined,
    });
    expect(() => new TemplateMiner().applyChanges(record(other))).toThrow('of another engine');
    expect(() => new TemplateMiner({ engine: 'flexible' }).applyChanges(record(one))).toThrow(
      'of another engine',
    );
  });
});

function answerOf(miner: TemplateMiner, text: string): object | undefined {
  const match = miner.match(text);
  return match && { id: match.clusterId, template: match.template, parameters: match.parameters };
}

async function opened(store: MinerStateStore, settings: Partial<MinerSettings>) {
  const keeper = await open(store, settings);
  return { miner: keeper.miner, save: () => keeper.save() };
}

describe.each(['drain', 'flexible'] as const)('a damaged store of the engine %s', (engine) => {
  const kept = async (): Promise<{ store: MemoryStore; prefixes: unknown[] }> => {
    const store = new MemoryStore();
    const { miner, save } = await opened(store, { engine, masks: [], maxClusters: 3, quarantine });
    const prefixes: unknown[] = [];
    for (const lines of [
      ['a b \ud800', 'a b d'],
      ['x y z 1', 'a b e'],
      ['p q', 'p q', 'r'],
    ]) {
      for (const text of lines) miner.learn(text);
      await save();
      prefixes.push(miner.snapshot());
    }
    return { store, prefixes };
  };

  const reopened = async (base: string, records: string): Promise<unknown> => {
    const store = new MemoryStore();
    store.base = base;
    store.records = records;
    return (await open(store, {})).miner.snapshot();
  };

  const flips = (text: string): readonly string[] =>
    Array.from(text, (_, index) => index).flatMap((index) =>
      [1, 2, 4, 8, 16, 32, 64].map((bit) => {
        const unit = String.fromCharCode(text.charCodeAt(index) ^ bit);
        return text.slice(0, index) + unit + text.slice(index + 1);
      }),
    );

  it('refuses a base with any bit flipped or cut off anywhere', async () => {
    const { base = '' } = (await kept()).store;
    const cuts = Array.from(base, (_, index) => base.slice(0, index));
    for (const damaged of [...flips(base), ...cuts, `${base} `, ` ${base}`]) {
      await expect(reopened(damaged, '')).rejects.toThrow(SnapshotFailure);
    }
  });

  it('refuses records with any bit flipped, save the line end of the last, and says why', async () => {
    const { store, prefixes } = await kept();
    const { base = '', records } = store;
    expect(records.split('\n').length).toBe(3);
    for (const damaged of flips(records.slice(0, -1))) {
      await expect(reopened(base, `${damaged}\n`)).rejects.toThrow(SnapshotFailure);
    }
    for (const tail of flips('\n')) {
      expect(await reopened(base, records.slice(0, -1) + tail)).toEqual(prefixes[1]);
    }
    await expect(reopened(base, records.split('\n').slice(1).join('\n'))).rejects.toThrow(
      'a record is altered, or one before it is missing',
    );
  });

  it('leaves out the record that was being written, wherever it was cut off', async () => {
    const { store, prefixes } = await kept();
    const { base = '', records } = store;
    const first = records.indexOf('\n') + 1;
    for (let length = 0; length < records.length; length++) {
      const whole = length < first ? prefixes[0] : prefixes[1];
      expect(await reopened(base, records.slice(0, length))).toEqual(whole);
    }
    expect(await reopened(base, records)).toEqual(prefixes[2]);
  });

  it('refuses records of another base', async () => {
    const [one, other] = [(await kept()).store, new MemoryStore()];
    const { miner, save } = await opened(other, {});
    miner.learn('something else');
    await save();
    await expect(reopened(other.base ?? '', one.records)).rejects.toThrow(SnapshotFailure);
  });

  it('goes on after a record that was cut off with a base', async () => {
    const { store } = await kept();
    store.records = store.records.slice(0, -5);
    const { miner, save } = await opened(store, {});
    miner.learn('one more');
    expect(await save()).toBe('base');
    expect((await open(store, {})).miner.snapshot()).toEqual(miner.snapshot());
  });
});
