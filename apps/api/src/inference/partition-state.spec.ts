import type { StreamDetectorState } from '@logbert/pipeline';
import { streamSettingsSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { type KeptDetector, linesOfDetectors, readDetectors } from './partition-state';
import { packLines } from './state-lines';

const MAX_BYTES = 1_000_000;
type KeptEntry = StreamDetectorState['windows']['windows'][number]['entries'][number];

const entry: KeptEntry = {
  offset: 7,
  receivedAtMs: 2,
  sessionKey: 'r-1',
  service: 'cart',
  timestampMs: 1,
  level: 'info',
  message: 'added',
  raw: 'INFO cart: added r-1',
  modelId: 'm',
  templateId: 't',
  token: 5,
  isNovel: false,
};

function detectorWith(entries: readonly unknown[]): KeptDetector {
  const window = { name: 'r-1', kind: 'session', entries, overlap: 0, lastEventMs: 1 };
  const windows = { eventMs: 1, windows: [window], endedSessions: [] };
  return {
    stream: 'shop',
    settings: streamSettingsSchema.parse({}),
    state: { formatVersion: 1, cutBy: '', windows, judge: undefined } as StreamDetectorState,
  };
}

async function kept(detector: KeptDetector): Promise<readonly KeptEntry[]> {
  const packed = await packLines(linesOfDetectors([detector]), MAX_BYTES);
  const [read] = await readDetectors(packed as Uint8Array);
  return read?.state.windows.windows[0]?.entries ?? [];
}

describe('readDetectors', () => {
  it('gives what was kept', async () => {
    expect(await kept(detectorWith([entry]))).toEqual([entry]);
  });

  it('reads what a version before kept apart', async () => {
    const { level, message, raw, sessionKey, service, timestampMs, ...own } = entry;
    const place = { ...own, sessionKey, service, timestampMs };
    const record = {
      level,
      message,
      raw,
      sessionKey,
      service,
      timestampMs,
      attributes: { a: '1' },
    };
    expect(await kept(detectorWith([{ ...place, record }]))).toEqual([entry]);
  });

  it('refuses what another version or damage has left', async () => {
    const other = await packLines([{ formatVersion: 3 }], MAX_BYTES);
    await expect(readDetectors(other as Uint8Array)).rejects.toThrow('another version');
    await expect(readDetectors(Uint8Array.of(1, 2))).rejects.toThrow('cannot be read');
  });
});
