import { streamSettingsSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { InterleavedSessions } from './interleaved-sessions';

const settings = streamSettingsSchema.parse({
  sessionKey: { fields: [], pattern: String.raw`blk_\d+` },
});
const TEXTS = ['blk_1 begins', 'blk_1 ends', 'of none', 'blk_2 begins'].map((message) =>
  JSON.stringify({ service: 'a', level: 'info', message }),
);

describe('InterleavedSessions', () => {
  it('writes a line of each open session in turn, and begins another one where one is over', () => {
    const sessions = new InterleavedSessions(TEXTS, settings, {
      open: 2,
      pauseMs: 1_000,
      fromMs: 0,
    });
    const lines = sessions.take(6).map((text) => JSON.parse(text) as Record<string, string>);
    expect(lines.map(({ message }) => message)).toEqual([
      'blk_100000000 begins',
      'blk_200000001 begins',
      'blk_100000000 ends',
      'blk_100000002 begins',
      'blk_200000003 begins',
      'blk_100000002 ends',
    ]);
    expect(lines.map(({ timestamp }) => Date.parse(timestamp ?? ''))).toEqual([
      0, 500, 1_000, 1_500, 2_000, 2_500,
    ]);
  });
});
