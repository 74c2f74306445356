import type { ModelConfig, WindowSettings } from '@logbert/contracts';
import type { Architecture } from '@logbert/logbert';

/**
 * Most lines that the network reads at once. A session of more is read in pieces and still judged as one window: what a line
 * is expected to be depends on the lines near it, and attention costs the square of the length.
 */
const MOST_LINES_READ = 64;

/** Sizes of the network that reads windows cut by these settings. */
export function architectureFor(
  model: ModelConfig,
  window: WindowSettings,
  vocabularySize: number,
): Architecture {
  const lines =
    window.kind === 'session' ? Math.min(window.maxLength, MOST_LINES_READ) : window.size;
  const ends = window.kind === 'session' ? { sessionsCutAt: lines } : {};
  return { ...model, vocabularySize, maxLength: lines + 1, ...ends };
}

/** Lines after which a window is complete at the latest. */
export function longestWindow(window: WindowSettings): number {
  return window.kind === 'session' ? window.maxLength : window.size;
}
