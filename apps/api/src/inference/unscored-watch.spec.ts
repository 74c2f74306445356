import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnscoredWatch } from './unscored-watch';

describe('UnscoredWatch', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('counts every window that a model could not score, and says so once in ten minutes a stream', () => {
    const said = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const counted: unknown[] = [];
    let now = 0;
    const count = (_: unknown, labels: unknown, by?: number) => void counted.push([labels, by]);
    const watch = new UnscoredWatch({ count }, () => now);
    const unscored = new Map([['logbert/non-finite', 2]]);

    watch.note({ stream: 'shop', unscored: new Map() });
    watch.note({ stream: 'shop', unscored });
    now = 599_999;
    watch.note({ stream: 'shop', unscored });
    watch.note({ stream: 'pay', unscored });
    expect(said).toHaveBeenCalledTimes(2);
    now = 600_000;
    watch.note({ stream: 'shop', unscored });

    expect(said.mock.calls.map(([text]) => String(text).slice(0, 48))).toEqual([
      'the model of stream shop could not score 2 windo',
      'the model of stream pay could not score 2 window',
      'the model of stream shop could not score 2 windo',
    ]);
    expect(counted).toHaveLength(4);
    expect(counted[0]).toEqual([{ stream: 'shop', reason: 'logbert/non-finite' }, 2]);
  });
});
