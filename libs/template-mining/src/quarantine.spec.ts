import { describe, expect, it } from 'vitest';
import { describeQuarantine, type QuarantineSettings } from './quarantine';
import { TemplateMiner } from './template-miner';

const quarantine: QuarantineSettings = {
  windowLines: 100,
  createdShare: 0.5,
  windows: 3,
  restLines: 1_000,
};

const word = (value: number): string => (value >>> 0).toString(36).replace(/\d/g, 'z');

/** Lines that no other line is like, each different from all before. */
function nonsense(miner: TemplateMiner, lines: number, from = 0): void {
  for (let index = from; index < from + lines; index++) {
    const words = [1, 2, 3, 4].map((step) => word(Math.imul(index * 4 + step, 2654435761)));
    miner.learn(words.join(' '));
  }
}

describe('quarantine', () => {
  const build = (): TemplateMiner =>
    new TemplateMiner({ engine: 'drain', masks: [], maxClusters: 50, quarantine });

  it('begins when a source churns for so many windows, with the figures', () => {
    const miner = build();
    nonsense(miner, 299);
    expect(miner.grouping).toEqual({ state: 'grouping' });
    nonsense(miner, 1, 299);
    const reason = { lines: 300, created: 300, forgotten: 250 };
    expect(miner.grouping).toEqual({
      state: 'quarantined',
      reason,
      refusedLines: 0,
      linesLeft: 1_000,
    });
    expect(describeQuarantine(reason)).toBe(
      '300 of 300 lines (100 %) founded a template of their own and 250 templates were forgotten for them',
    );
  });

  it('counts lines together that nothing is like, and forgets nothing for them', () => {
    const miner = build();
    nonsense(miner, 300);
    const before = miner.templates();
    const template = before[0]?.template ?? '';
    expect(miner.learn('one more that is new')).toEqual({
      clusterId: 0,
      change: 'refused',
      template: '<...>',
      size: 1,
      clusterCount: 50,
    });
    expect(miner.learn('and yet another one').size).toBe(2);
    expect(miner.templates()).toEqual(before);
    expect(miner.match('one more that is new')).toBeUndefined();
    expect(miner.learn(template)).toMatchObject({ change: 'none', size: 2, template });
    expect(miner.match(template)?.template).toBe(template);
  });

  it('tries again after the rest and ends when lines can be grouped', () => {
    const miner = build();
    nonsense(miner, 300);
    for (let index = 0; index < 1_000; index++) miner.learn(`job ${word(index)} has ended well`);
    expect(miner.grouping).toMatchObject({ state: 'trying', refusedLines: 1_000, linesLeft: 100 });
    for (let index = 0; index < 100; index++) miner.learn(`job ${word(index)} has ended well`);
    expect(miner.grouping).toEqual({ state: 'grouping' });
    expect(miner.match('job x has ended well')?.template).toBe('job <*> has ended well');
  });

  it('rests twice as long after each try that fails, up to 64 times', () => {
    const miner = build();
    nonsense(miner, 300);
    let from = 300;
    for (const rests of [1, 2, 4, 8, 16, 32, 64, 64]) {
      expect(miner.grouping).toMatchObject({ state: 'quarantined', linesLeft: rests * 1_000 });
      nonsense(miner, rests * 1_000, from);
      expect(miner.grouping.state).toBe('trying');
      from += rests * 1_000;
      nonsense(miner, 100, from);
      from += 100;
    }
  });

  it('does not begin while nothing had to be forgotten', () => {
    const miner = new TemplateMiner({
      engine: 'drain',
      masks: [],
      maxClusters: 10_000,
      quarantine,
    });
    nonsense(miner, 5_000);
    expect(miner.grouping.state).toBe('grouping');
    expect(miner.templates().length).toBe(5_000);
  });

  it('does not begin when fewer lines than the share are new', () => {
    const miner = build();
    for (let index = 0; index < 3_000; index++) {
      if (index % 2 === 0 || index % 10 === 1) miner.learn('a line as it always comes');
      else nonsense(miner, 1, index);
    }
    expect(miner.grouping.state).toBe('grouping');
  });

  it('begins with the cap on bytes alone too', () => {
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxBytes: 65_536, quarantine });
    nonsense(miner, 2_000);
    expect(miner.grouping.state).toBe('quarantined');
  });

  it('goes on where it was after a trip through JSON', () => {
    const miner = build();
    for (const [from, lines] of [250, 1_049, 60, 5_000].entries()) {
      nonsense(miner, lines, from * 10_000);
      const copy = TemplateMiner.restore(JSON.parse(JSON.stringify(miner.snapshot())));
      expect(copy.grouping).toEqual(miner.grouping);
      nonsense(copy, 700, 100_000);
      const same = TemplateMiner.restore(JSON.parse(JSON.stringify(miner.snapshot())));
      nonsense(same, 700, 100_000);
      expect(copy.snapshot()).toEqual(same.snapshot());
    }
  });

  it.each([
    ['windowLines', { ...quarantine, windowLines: 1 }],
    ['createdShare', { ...quarantine, createdShare: 0 }],
    ['windows', { ...quarantine, windows: 0.5 }],
    ['restLines', { ...quarantine, restLines: -1 }],
  ])('refuses settings with a wrong %s', (field, wrong) => {
    expect(() => new TemplateMiner({ engine: 'drain', quarantine: wrong })).toThrow(
      `quarantine.${field}`,
    );
  });
});
