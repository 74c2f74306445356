import {
  type Anomaly,
  type AnomalyHead,
  anomalyHeadSchema,
  LIVE_EVENTS,
  pageSchema,
  ROUTES,
} from '@logbert/contracts';
import { EventStream } from './event-stream';
import { ask } from './http';

const headsSchema = pageSchema(anomalyHeadSchema);
const REPLAYED_WITHIN_MS = 15_000;

/** Every anomaly in the database of the server. */
export async function storedAnomalies(url: string): Promise<readonly AnomalyHead[]> {
  const anomalies: AnomalyHead[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: { items: readonly AnomalyHead[]; nextCursor: string | null } = await ask(
      `${url}${ROUTES.anomalies}?view=head&limit=200${query}`,
      headsSchema,
    );
    anomalies.push(...page.items);
    cursor = page.nextCursor;
  }
  return anomalies;
}

/** Ids of the anomalies that a reader of the event stream is told who missed everything: all that were ever announced. */
export async function announcedIds(url: string): Promise<readonly string[]> {
  const stored = await storedAnomalies(url);
  const isComplete = new Set(stored.map(({ id }) => id));
  await using events = await EventStream.open(`${url}${ROUTES.events}`, { 'last-event-id': '0' });
  if (isComplete.size > 0) {
    await events.find(
      LIVE_EVENTS.anomaly,
      ({ id }) => isComplete.delete(id) && isComplete.size === 0,
      { withinMs: REPLAYED_WITHIN_MS },
    );
  }
  return idsIn(events);
}

/** Of the messages of a topic, those that tell of an anomaly for the first time: others tell that its session is closed, or its final verdict. */
export function firstMessages<Message extends Pick<Anomaly, 'state' | 'early' | 'verdict'>>(
  messages: readonly Message[],
): readonly Message[] {
  return messages.filter(
    ({ state, early, verdict }) =>
      verdict.state === 'immediate' && (state === 'open' || early === null),
  );
}

/** Ids of the anomalies that came through an event stream, in the order of their coming. */
export function idsIn(events: EventStream): readonly string[] {
  return events.received.flatMap(({ event }) =>
    event.type === LIVE_EVENTS.anomaly ? [event.data.id] : [],
  );
}

/** How ids that were found differ from those that should have been; all empty when they agree. */
export function differenceOf(found: readonly string[], expected: readonly string[]) {
  const [have, want] = [new Set(found), new Set(expected)];
  return {
    missing: [...want].filter((id) => !have.has(id)).sort(),
    unexpected: [...have].filter((id) => !want.has(id)).sort(),
    repeated: found.filter((id, index) => found.indexOf(id) !== index).sort(),
  };
}

export const NO_DIFFERENCE = { missing: [], unexpected: [], repeated: [] };
