import type { Cause, Evidence, EvidenceKind } from '@logbert/contracts';

const MAX_CAUSES = 5;
/** A second fact of one kind adds less than the first: a chatty service is not guiltier for being chatty. */
const REPEAT_FACTOR = 0.25;
const MAX_TITLE_TEMPLATE = 160;

/**
 * Orders services by the evidence against them.
 *
 * A service's guilt is the sum over kinds of evidence of the heaviest fact, and a quarter of the other ones of the kind.
 * Facts of different kinds are treated as independent witnesses, facts of one kind as one witness repeating himself; the
 * same idea as the additive anomaly scores of Chen et al., "Pinpoint", DSN 2002, and of template scoring by Notaro et
 * al., "LogRule", 2023. That reports count for the service reported, and that lines after a failure hardly count as
 * missing, is settled before, by `gatherEvidence`.
 *
 * @returns at most five, ranked from 1; scores are shares of all guilt and add to at most 1. Ties go to the earlier
 *   evidence. Empty without evidence that names a service.
 */
export function rankCauses(evidence: readonly Evidence[]): readonly Cause[] {
  const byService = new Map<string, Evidence[]>();
  for (const item of evidence) {
    if (item.service === null) continue;
    const own = byService.get(item.service) ?? [];
    own.push(item);
    byService.set(item.service, own);
  }
  const guilty = [...byService]
    .map(([service, own]) => ({ service, own, guilt: guiltOf(own), first: firstAt(own) }))
    .sort((a, b) => b.guilt - a.guilt || a.first - b.first);
  const total = guilty.reduce((sum, { guilt }) => sum + guilt, 0);
  if (total === 0) return [];
  return guilty.slice(0, MAX_CAUSES).map(({ service, own, guilt }, index) => {
    const strongest = strongestWithTemplate(own);
    return {
      rank: index + 1,
      service,
      templateId: strongest?.templateId ?? null,
      title: titleOf(service, strongest),
      score: Math.min(1, guilt / total),
      evidenceIds: [...own].sort((a, b) => b.weight - a.weight).map(({ id }) => id),
    };
  });
}

function guiltOf(own: readonly Evidence[]): number {
  const byKind = new Map<EvidenceKind, number[]>();
  for (const { kind, weight } of own) byKind.set(kind, [...(byKind.get(kind) ?? []), weight]);
  let guilt = 0;
  for (const weights of byKind.values()) {
    const heaviest = Math.max(...weights);
    const rest = weights.reduce((sum, weight) => sum + weight, 0) - heaviest;
    guilt += heaviest + Math.min(heaviest, REPEAT_FACTOR * rest);
  }
  return guilt;
}

function firstAt(own: readonly Evidence[]): number {
  return Math.min(...own.map(({ at }) => at ?? Infinity));
}

function strongestWithTemplate(own: readonly Evidence[]): Evidence | undefined {
  const withTemplate = own.filter(({ template }) => template !== null);
  return withTemplate.reduce<Evidence | undefined>(
    (best, item) => (best === undefined || item.weight > best.weight ? item : best),
    undefined,
  );
}

const PHRASES: Readonly<Record<EvidenceKind, string>> = {
  'novel-template': 'writes a line never seen before',
  'rare-template': 'writes a rare line',
  'missing-template': 'no longer writes',
  'surprising-line': 'writes an unexpected line',
  'rate-change': 'writes much more often',
  'parameter-focus': 'fails for one value in',
  'service-order': 'was the first to fail',
  'error-level': 'writes errors',
  'similar-incident': 'was the cause of a similar incident',
};

function titleOf(service: string, strongest: Evidence | undefined): string {
  if (!strongest) return `${service} was the first to fail`;
  const { kind, template } = strongest;
  const text = template ?? '';
  const short =
    text.length > MAX_TITLE_TEMPLATE ? `${text.slice(0, MAX_TITLE_TEMPLATE - 1)}…` : text;
  return `${service} ${PHRASES[kind]}: “${short}”`;
}
