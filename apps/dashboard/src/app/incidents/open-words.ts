import type { Anomaly } from '@logbert/contracts';
import { formatDuration } from '../figures/figures';

type Early = Pick<Anomaly, 'state' | 'early' | 'lines' | 'lastAt'>;

/** How early an anomaly was told of a session that still took lines; nothing of one that was judged when it was complete. */
export function earlySentence({ state, early, lines, lastAt }: Early): string | undefined {
  if (!early) return undefined;
  const line = `line ${early.position + 1}`;
  if (state === 'open') return `Told at ${line}. The session is still open: more lines may come.`;
  const later = lines.length - early.position - 1;
  if (later === 0) return `Told at ${line}, the last, before the session was complete.`;
  const lasted = formatDuration(Math.max(0, lastAt - early.at));
  return `Told at ${line} of ${lines.length}; ${later === 1 ? 'one more came' : `${later} more came`} within ${lasted}.`;
}
