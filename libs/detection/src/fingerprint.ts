import type { Incident } from '@logbert/contracts';

/**
 * A weighted bag of template ids; a missing template stands under its id with `!` in front, since that a line came and
 * that it did not come are different facts.
 */
export type Fingerprint = Readonly<Record<string, number>>;

const MISSING_MARK = '!';
const MIN_SIMILARITY = 0.5;

export function fingerprintKey(templateId: string, isMissing: boolean): string {
  return isMissing ? `${MISSING_MARK}${templateId}` : templateId;
}

/**
 * Cosine of the angle between two bags.
 *
 * @returns ratio in [0, 1], for weights >= 0; 0 when either bag is empty
 */
export function cosineSimilarity(a: Fingerprint, b: Fingerprint): number {
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (const [key, weight] of Object.entries(a)) {
    squaresA += weight * weight;
    dot += weight * (Object.hasOwn(b, key) ? (b[key] ?? 0) : 0);
  }
  for (const weight of Object.values(b)) squaresB += weight * weight;
  if (squaresA === 0 || squaresB === 0) return 0;
  return Math.min(1, dot / Math.sqrt(squaresA * squaresB));
}

/** Adds bags up; the result has no prototype, so that no template id can collide with one. */
export function addFingerprints(...bags: readonly Fingerprint[]): Fingerprint {
  const sum = Object.create(null) as Record<string, number>;
  for (const bag of bags) {
    for (const [key, weight] of Object.entries(bag)) sum[key] = (sum[key] ?? 0) + weight;
  }
  return sum;
}

/** The bag of an incident of which only the culprits are known. */
export function fingerprintOfIncident({ culprits }: Incident): Fingerprint {
  return addFingerprints(
    ...culprits.map(({ templateId, isMissing, count }) => ({
      [fingerprintKey(templateId, isMissing)]: count,
    })),
  );
}

/**
 * Earlier incidents that looked like this one, most similar first, newest first among equals.
 *
 * @param past any order; the incident itself is passed over
 * @returns at most `limit`, each with a similarity of at least 0.5
 */
export function findSimilarIncidents(
  incidentId: string,
  fingerprint: Fingerprint,
  past: readonly { readonly incident: Incident; readonly fingerprint: Fingerprint }[],
  limit: number,
): Incident['similar'] {
  return past
    .filter(({ incident }) => incident.id !== incidentId)
    .map(({ incident, fingerprint: other }) => ({
      incident,
      similarity: cosineSimilarity(fingerprint, other),
    }))
    .filter(({ similarity }) => similarity >= MIN_SIMILARITY)
    .sort((a, b) => b.similarity - a.similarity || b.incident.openedAt - a.incident.openedAt)
    .slice(0, limit)
    .map(({ incident, similarity }) => ({ incidentId: incident.id, similarity }));
}
