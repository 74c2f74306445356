import type { Anomaly } from '@logbert/contracts';
import { unpackText } from './packed-document';

/** What changes of an anomaly after it was found, and is kept in columns. */
export type AnomalyStanding = Pick<Anomaly, 'state' | 'incidentId' | 'verdict'>;

/** All the rest. What older versions packed has the standing of its beginning, too, which means nothing. */
export type AnomalyDocument = Omit<Anomaly, keyof AnomalyStanding>;

/** What documents of older versions do not have; those of a version that packs without the standing have all of it. */
const UNTOLD: Pick<Anomaly, 'end' | 'rates' | 'early'> = { end: null, rates: [], early: null };
/** At the top of the JSON of an older version only: within a string each quote would have a backslash before it. */
const OLD_STANDING = ',"incidentId":';

interface DocumentColumns {
  readonly packed: AnomalyDocument | null;
  readonly document: AnomalyDocument | null;
}

/** The anomaly without its standing. */
export function documentOf(anomaly: AnomalyDocument & Partial<AnomalyStanding>): AnomalyDocument {
  const document = { ...anomaly };
  delete document.state;
  delete document.incidentId;
  delete document.verdict;
  return document;
}

/** @throws TypeError when there is no document */
export function readDocument({ packed, document }: DocumentColumns): AnomalyDocument {
  // Whoever packs it empties the other one, so that what is there was written last, by a version that does not.
  const written = document ?? packed;
  if (written === null) throw new TypeError('an anomaly without its document');
  return { ...UNTOLD, ...written };
}

/** An anomaly as JSON that was not read: what is published goes out as it was written. */
export class AnomalyText {
  private constructor(
    private readonly document: string,
    readonly incidentId: string | null,
  ) {}

  static of(row: {
    readonly packed: Uint8Array | null;
    readonly document: AnomalyDocument | null;
    readonly incidentId: string | null;
  }): AnomalyText {
    const { packed, document, incidentId } = row;
    const text = document === null && packed !== null ? unpackText(packed) : undefined;
    if (text !== undefined && !text.includes(OLD_STANDING))
      return new AnomalyText(text, incidentId);
    const read: AnomalyDocument | null = text === undefined ? null : JSON.parse(text);
    const whole = documentOf(readDocument({ packed: read, document }));
    return new AnomalyText(JSON.stringify(whole), incidentId);
  }

  /** The whole as JSON, with more members if there are any. */
  with(members: AnomalyStanding & Readonly<Record<string, unknown>>): string {
    return `${this.document.slice(0, -1)},${JSON.stringify(members).slice(1)}`;
  }
}
