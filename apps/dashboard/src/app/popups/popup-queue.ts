import type { Incident, Severity } from '@logbert/contracts';
import { isTakenBack } from '../incidents/verdict-words';

/** Popups that may be on the screen at once. */
export const MOST_POPUPS = 3;

const RANK: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** The popups on the screen, oldest first, and what has been sent away. */
export interface PopupQueue {
  readonly shown: readonly Incident[];
  readonly dismissed: ReadonlySet<string>;
}

/**
 * Brings an incident to the screen, or up to date where it is there already.
 *
 * A closed or acknowledged incident opens no popup. When there is no room, the popup that matters least
 * gives way: closed before open, then the least severe, then the oldest.
 */
export function announce(queue: PopupQueue, incident: Incident): PopupQueue {
  if (queue.shown.some(({ id }) => id === incident.id)) {
    return {
      ...queue,
      shown: queue.shown.map((shown) => (shown.id === incident.id ? incident : shown)),
    };
  }
  if (incident.state === 'closed' || incident.isAcknowledged || queue.dismissed.has(incident.id)) {
    return queue;
  }
  const shown = [...queue.shown, incident];
  if (shown.length <= MOST_POPUPS) return { ...queue, shown };
  const leaving = shown.reduce((least, popup) =>
    weightOf(popup) < weightOf(least) ? popup : least,
  );
  return { ...queue, shown: shown.filter((popup) => popup !== leaving) };
}

/** Sends a popup away for good: later news of its incident do not bring it back. */
export function dismiss(queue: PopupQueue, id: string): PopupQueue {
  return {
    shown: queue.shown.filter((shown) => shown.id !== id),
    dismissed: new Set([...queue.dismissed, id]),
  };
}

/** What changed for a listener, or nothing worth a word. */
export function sayChange(before: Incident | undefined, after: Incident): string | undefined {
  if (before === undefined) {
    const cause = after.topCause === null ? '' : ` Likely cause: ${after.topCause.service}.`;
    return `${after.severity} incident: ${after.title}.${cause}`;
  }
  if (after.state === 'closed' && before.state === 'open') {
    return `Incident ${isTakenBack(after) ? 'taken back' : 'closed'}: ${after.title}.`;
  }
  if (after.topCause !== null && after.topCause.service !== before.topCause?.service) {
    return `Likely cause found: ${after.topCause.service}, ${after.topCause.title}.`;
  }
  return undefined;
}

function weightOf(incident: Incident): number {
  return incident.state === 'closed' ? -1 : RANK[incident.severity];
}
