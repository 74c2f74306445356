import { METRICS } from '@logbert/telemetry';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WorkloadWatch } from './workload-watch';

const at = (partition: number) => ({ source: 'logs', partition, epoch: 1 });

describe('WorkloadWatch', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('shows the largest share of the partitions, and nothing before there is one', () => {
    const set = vi.fn();
    const watch = new WorkloadWatch({ set });
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: undefined });
    expect(set).not.toHaveBeenCalled();
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.2 });
    watch.note(at(1), { stream: 'shop', unlikeTrainingShare: 0.1 });
    expect(set).toHaveBeenLastCalledWith(METRICS.unlikeTrainingShare, 0.2, { stream: 'shop' });
  });

  it('forgets what was said of a model that judges no more', () => {
    const set = vi.fn();
    const watch = new WorkloadWatch({ set });
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.9 });
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: undefined });
    expect(set).toHaveBeenLastCalledWith(METRICS.unlikeTrainingShare, 0, { stream: 'shop' });
  });

  it('says nothing of a partition that another process works on', () => {
    const set = vi.fn();
    const log = vi.spyOn(Logger.prototype, 'log').mockReturnValue();
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const watch = new WorkloadWatch({ set });
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.9 });
    watch.note(at(1), { stream: 'shop', unlikeTrainingShare: 0.1 });
    watch.forget(at(0));
    expect(set).toHaveBeenLastCalledWith(METRICS.unlikeTrainingShare, 0.1, { stream: 'shop' });
    watch.forget(at(0));
    expect(set).toHaveBeenCalledTimes(3);
    expect(log).not.toHaveBeenCalled();
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.9 });
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('tells a change once, and once that it is over', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const log = vi.spyOn(Logger.prototype, 'log').mockReturnValue();
    const watch = new WorkloadWatch({ set: () => undefined });
    for (const unlikeTrainingShare of [0.3, 0.5, 0.9, 0.2, 0.4]) {
      watch.note(at(0), { stream: 'shop', unlikeTrainingShare });
    }
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toContain('the work of stream shop has changed: 50 %');
    expect(log).not.toHaveBeenCalled();
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.05 });
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.05 });
    expect(log).toHaveBeenCalledOnce();
    watch.note(at(0), { stream: 'shop', unlikeTrainingShare: 0.9 });
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
