import type { AnomalyState, VerdictState } from '@logbert/contracts';
import {
  compareCounts,
  countByOrigin,
  countByTemplate,
  type CountedLines,
  type LineCounts,
  sumOf,
} from './line-counts';

/** An anomaly as it was found: everything that its score came from. */
export interface FoundAnomaly {
  readonly id: string;
  readonly pValue: number;
  /** A digest of its lines with the surprise of each. */
  readonly lines: string;
  readonly lineCount: number;
  /** As it was written. */
  readonly firstLine: string;
  readonly state: AnomalyState;
  /** Whether it was found while its session was open. */
  readonly isEarly: boolean;
  readonly verdict: VerdictState;
  /** Null while its verdict is not final. */
  readonly settledPValue: number | null;
}

/** What one run left behind. */
export interface Outcome {
  /** Lines that were sent, by their `originOf`. */
  readonly sent: LineCounts;
  /** Lines that were counted, each once for every time that it was counted. */
  readonly counted: readonly CountedLines[];
  readonly anomalies: readonly FoundAnomaly[];
  /** What every event that was published told, a `messageName`, by the event's own id. */
  readonly published: ReadonlyMap<number, string>;
  readonly deadLetters: number;
}

export interface Tally {
  /** Sent. */
  readonly lines: number;
  /** Of all kinds that can be told apart; what was counted twice of another kind does not make up for it. */
  readonly linesLost: number;
  readonly linesDuplicated: number;
  readonly deadLetters: number;
  /** Of the undisturbed run. */
  readonly anomalies: number;
  readonly anomaliesLost: number;
  readonly anomaliesUnexpected: number;
  readonly scoresChanged: number;
  readonly verdictsChanged: number;
  readonly notPublished: number;
  readonly publishedTwice: number;
}

type Told = Pick<FoundAnomaly, 'id' | 'state' | 'isEarly' | 'verdict'>;

/** An anomaly is published when it is found, again when its session was open then and is closed, and once more when its verdict is final. */
export function messageName({ id, state, isEarly, verdict }: Told): string {
  if (verdict !== 'immediate') return `${id} finally`;
  return isEarly && state === 'closed' ? `${id} closed` : id;
}

export function messagesOf(anomaly: FoundAnomaly): readonly string[] {
  const { id } = anomaly;
  const isClosedLater = anomaly.isEarly && anomaly.state === 'closed';
  const closed = isClosedLater ? [messageName({ ...anomaly, verdict: 'immediate' })] : [];
  return [...new Set([id, ...closed, messageName(anomaly)])];
}

/**
 * What a disturbed run lost, doubled or changed, beside one that nothing happened to.
 *
 * Lines are told apart by service and ten seconds of their time, of which is known how many were sent, and within these by template,
 * of which the other run says how many there are.
 */
export function tallyOf(undisturbed: Outcome, disturbed: Outcome): Tally {
  const expected = new Map(undisturbed.anomalies.map((anomaly) => [anomaly.id, anomaly]));
  const found = new Map(disturbed.anomalies.map((anomaly) => [anomaly.id, anomaly]));
  const messages = [...disturbed.published.values()];
  const published = new Set(messages);
  const wanted = undisturbed.anomalies.flatMap(messagesOf);
  const { sent, counted } = disturbed;
  const ofOrigins = compareCounts(sent, countByOrigin(counted));
  const ofTemplates = compareCounts(countByTemplate(undisturbed.counted), countByTemplate(counted));
  return {
    lines: sumOf(sent),
    linesLost: Math.max(ofOrigins.lost, ofTemplates.lost),
    linesDuplicated: Math.max(ofOrigins.twice, ofTemplates.twice),
    deadLetters: disturbed.deadLetters,
    anomalies: expected.size,
    anomaliesLost: [...expected.keys()].filter((id) => !found.has(id)).length,
    anomaliesUnexpected: [...found.keys()].filter((id) => !expected.has(id)).length,
    scoresChanged: changesOf(undisturbed, disturbed).length,
    verdictsChanged: undisturbed.anomalies.filter(({ id, verdict, settledPValue }) => {
      const other = found.get(id);
      return other && (other.verdict !== verdict || other.settledPValue !== settledPValue);
    }).length,
    notPublished: wanted.filter((message) => !published.has(message)).length,
    publishedTwice: messages.length - published.size,
  };
}

/** What became of the anomalies that both runs found and scored otherwise, a line of text each. */
export function changesOf(undisturbed: Outcome, disturbed: Outcome): readonly string[] {
  const found = new Map(disturbed.anomalies.map((anomaly) => [anomaly.id, anomaly]));
  return undisturbed.anomalies.flatMap(({ id, pValue, lines }) => {
    const other = found.get(id);
    if (!other || (other.pValue === pValue && other.lines === lines)) return [];
    const what = other.lines === lines ? 'same lines and surprise' : 'other lines or surprise';
    return [`${id}: p ${pValue} and ${other.pValue}, ${what}`];
  });
}

/** The anomalies that only one of the runs found, a line of text each. */
export function strangersOf(undisturbed: Outcome, disturbed: Outcome): readonly string[] {
  const only = (one: Outcome, other: Outcome, what: string): readonly string[] => {
    const known = new Set(other.anomalies.map(({ id }) => id));
    return one.anomalies
      .filter(({ id }) => !known.has(id))
      .map(
        ({ id, pValue, lineCount, firstLine }) =>
          `${what}: ${id}, p ${pValue}, ${lineCount} lines from ${firstLine}`,
      );
  };
  return [...only(undisturbed, disturbed, 'lost'), ...only(disturbed, undisturbed, 'too many')];
}

/** Whether nothing was lost, doubled or changed. */
export function isClean({ lines, anomalies, ...differences }: Tally): boolean {
  return lines > 0 && anomalies > 0 && Object.values(differences).every((count) => count === 0);
}
