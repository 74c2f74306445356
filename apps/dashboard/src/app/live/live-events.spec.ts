import { TestBed } from '@angular/core/testing';
import type { LiveEvent } from '@logbert/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildStorage, prepareLiveBed } from '../../testing/live-bed';
import { buildIncident } from '../../testing/samples';
import { ApiKey } from '../access/api-key';
import { LiveEvents } from './live-events';

describe('LiveEvents', () => {
  const start = (storage = buildStorage()) => {
    const bed = prepareLiveBed(storage);
    const live = TestBed.inject(LiveEvents);
    const heard: LiveEvent[] = [];
    live.events.subscribe((event) => heard.push(event));
    TestBed.tick();
    return { ...bed, live, heard };
  };

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells what the contract allows and skips what it does not', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const { heard, source } = start();
    const incident = buildIncident();
    source().open();
    source().say('incident', incident);
    source().say('incident', { id: 'not an incident' });
    expect(heard).toEqual([{ type: 'incident', data: incident }]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it('says that the connection is lost and counts each opening', () => {
    const { live, source, sources } = start();
    expect(live.connection()).toBe('connecting');
    source().open();
    expect([live.connection(), live.openings()]).toEqual(['open', 1]);
    source().fail(false);
    expect(live.connection()).toBe('lost');
    source().open();
    expect([live.connection(), live.openings()]).toEqual(['open', 2]);
    expect(sources).toHaveLength(1);
  });

  it('opens a new connection after the browser has given up', () => {
    const { source, sources } = start();
    source().fail(true);
    vi.advanceTimersByTime(2_999);
    expect(sources).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(2);
  });

  it('sends the API key as a parameter', () => {
    const { source } = start(buildStorage({ 'logbert.api-key': 'a key & more' }));
    expect(source().url).toBe('/api/v1/events?access_token=a+key+%26+more');
  });

  it('stays away while a key is asked for, and comes back with it', () => {
    const { source, sources } = start();
    const apiKey = TestBed.inject(ApiKey);
    apiKey.refuse();
    TestBed.tick();
    expect(source().readyState).toBe(source().CLOSED);
    apiKey.accept('0123456789abcdef');
    TestBed.tick();
    expect(sources).toHaveLength(2);
    expect(source().url).toContain('access_token=0123456789abcdef');
  });
});
