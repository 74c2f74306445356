import { streamSettingsSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { RepeatedLog } from './repeated-log';

const settings = streamSettingsSchema.parse({
  sessionKey: { fields: [], pattern: String.raw`blk_\d+` },
});
const TEXTS = [
  '{"timestamp":"2026-01-01T00:00:00Z","service":"a","level":"info","message":"blk_1 beside blk_2"}',
  '{"timestamp":"2026-01-01T00:02:00Z","service":"b","level":"warn","message":"none"}',
];

describe('RepeatedLog', () => {
  it('goes on in time, with sessions of its own, in every round', () => {
    const log = new RepeatedLog(TEXTS, settings);
    const lines = [...log.lines(3)];
    expect(lines.map(({ key }) => key)).toEqual(['blk_1', null, 'blk_10001']);
    expect(lines.map(({ value }) => JSON.parse(value) as unknown)).toEqual([
      {
        timestamp: '2026-01-01T00:00:00.000Z',
        ...{ service: 'a', level: 'info', message: 'blk_1 beside blk_2' },
      },
      {
        timestamp: '2026-01-01T00:02:00.000Z',
        ...{ service: 'b', level: 'warn', message: 'none' },
      },
      {
        timestamp: '2026-01-01T00:03:00.000Z',
        ...{ service: 'a', level: 'info', message: 'blk_10001 beside blk_20001' },
      },
    ]);
  });

  it('gives lines another time on request', () => {
    const log = new RepeatedLog(TEXTS, settings);
    const times = [...log.lines(3, (line) => 1_000 * line)].map(
      ({ value }) => (JSON.parse(value) as { timestamp: string }).timestamp,
    );
    expect(times).toEqual([0, 1, 2].map((second) => new Date(1_000 * second).toISOString()));
  });

  it('gives fewer lines than there are, and lines without a key as they are', () => {
    const log = new RepeatedLog(TEXTS, streamSettingsSchema.parse({}));
    expect([...log.lines(1)].map(({ key }) => key)).toEqual([null]);
    expect(log.size).toBe(2);
  });
});
