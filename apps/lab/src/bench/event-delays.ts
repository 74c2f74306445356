import { LIVE_EVENTS, liveEventSchema } from '@logbert/contracts';

/** An anomaly as it came to a browser. */
export interface ToldAnomaly {
  readonly stream: string;
  /** Epoch milliseconds of the first line of its window. */
  readonly firstAt: number;
  /** Time since then: at most what its odd lines waited. */
  readonly seconds: number;
}

/** Tells of each anomaly of an event stream, until the signal is aborted. */
export async function followAnomalies(
  url: string,
  signal: AbortSignal,
  tell: (anomaly: ToldAnomaly) => void,
): Promise<void> {
  const response = await fetch(url, { signal });
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      const receivedAt = Date.now();
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, type] = /^event: (.*)$/m.exec(block) ?? [];
        const [, data] = /^data: (.*)$/m.exec(block) ?? [];
        if (type !== LIVE_EVENTS.anomaly || data === undefined) continue;
        const event = liveEventSchema.parse({ type, data: JSON.parse(data) });
        if (event.type !== 'anomaly') continue;
        const { stream, firstAt } = event.data;
        tell({ stream, firstAt, seconds: (receivedAt - firstAt) / 1_000 });
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The value that a share of all is not above. */
export function quantile(values: readonly number[], share: number): number {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))] ?? NaN;
}
