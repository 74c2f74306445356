import type { Stream } from '@logbert/contracts';

/** The silence that a stream's own settings end a session with; undefined where what the model has learnt is in use. */
export function ownSilenceMs({ settings: { window } }: Stream): number | undefined {
  return window.idleMs === 'auto' ? undefined : window.idleMs;
}
