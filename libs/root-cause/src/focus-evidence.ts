import type { Anomaly } from '@logbert/contracts';
import { type AbnormalLine, type EvidenceDraft, percent, round } from './root-cause-input';

/** Fewer lines, or lines of fewer sessions, show no pattern. */
const MIN_LINES = 4;
const MIN_SESSIONS = 3;
/** Share of the lines that one value must have. */
const FOCUS_SHARE = 0.8;
const MAX_FOCI = 4;
/** Values of these masks say who or where; a number may be anything. */
const PLAIN_MASKS = new Set([
  '',
  '*',
  'NUM',
  'NUMBER',
  'DURATION',
  'SIZE',
  'TIME',
  'TIMESTAMP',
  'DATE',
]);

/**
 * Parameters that are the same in nearly all abnormal lines: one host, one user, one address.
 *
 * The drop of entropy tells a focus from a constant: a value that the normal lines of the same sessions have as often
 * says nothing. Entropy in bits, of the values of one parameter of one template.
 */
export function focusEvidence(
  lines: readonly AbnormalLine[],
  anomalies: readonly Anomaly[],
): readonly EvidenceDraft[] {
  const usual = usualValues(anomalies);
  const slots = new Map<string, { abnormal: AbnormalLine; mask: string; values: string[] }[]>();
  for (const abnormal of lines) {
    for (const [index, { value, mask }] of abnormal.line.parameters.entries()) {
      const key = `${abnormal.line.templateId}\u0000${index}`;
      const slot = slots.get(key) ?? [];
      slot.push({ abnormal, mask: bareMask(mask), values: [value] });
      slots.set(key, slot);
    }
  }
  return [...slots.values()]
    .flatMap((slot) => describeSlot(slot, usual))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_FOCI);
}

function describeSlot(
  slot: readonly { abnormal: AbnormalLine; mask: string; values: readonly string[] }[],
  usual: ReadonlyMap<string, readonly string[]>,
): readonly EvidenceDraft[] {
  const sessions = new Set(slot.map(({ abnormal }) => abnormal.anomalyId)).size;
  const [first] = slot;
  if (!first || slot.length < MIN_LINES || sessions < MIN_SESSIONS) return [];
  const values = slot.flatMap((each) => each.values);
  const [value, count] = mostFrequent(values);
  const share = count / values.length;
  if (share < FOCUS_SHARE) return [];
  const others = usual.get(first.mask) ?? [];
  const usualShare = others.filter((other) => other === value).length / Math.max(1, others.length);
  if (usualShare >= FOCUS_SHARE) return [];

  const drop = entropyBits(others) - entropyBits(values);
  const isPlain = PLAIN_MASKS.has(first.mask);
  const { line, blamed } = first.abnormal;
  const name = first.mask === '' || first.mask === '*' ? 'VALUE' : first.mask;
  return [
    {
      kind: 'parameter-focus',
      service: blamed,
      templateId: line.templateId,
      template: line.template,
      statement:
        `${line.service}: ${name}="${value}" in ${percent(share)} of the abnormal lines “${line.template}” ` +
        `(${count} of ${values.length}, ${sessions} sessions).`,
      at: line.at,
      weight: (isPlain ? 0.15 : 0.4) * (drop > 1 ? 1 : 0.6),
      figures: {
        share: round(share),
        count,
        lines: values.length,
        sessions,
        usualShare: round(usualShare),
        entropyDropBits: round(drop),
      },
      lines: [line.raw],
    },
  ];
}

/** Values of each mask in the lines that are not abnormal. */
function usualValues(anomalies: readonly Anomaly[]): ReadonlyMap<string, readonly string[]> {
  const usual = new Map<string, string[]>();
  for (const { lines } of anomalies) {
    for (const { isAbnormal, isNovel, parameters } of lines) {
      if (isAbnormal || isNovel) continue;
      for (const { value, mask } of parameters) {
        const values = usual.get(bareMask(mask)) ?? [];
        values.push(value);
        usual.set(bareMask(mask), values);
      }
    }
  }
  return usual;
}

function bareMask(mask: string): string {
  return mask.replace(/^<:?|:?>$/g, '').toUpperCase();
}

function countsOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function mostFrequent(values: readonly string[]): readonly [string, number] {
  let best: readonly [string, number] = ['', 0];
  for (const entry of countsOf(values)) if (entry[1] > best[1]) best = entry;
  return best;
}

/** Shannon entropy of the values in bits; 0 for none. */
export function entropyBits(values: readonly string[]): number {
  let bits = 0;
  for (const count of countsOf(values).values()) {
    const share = count / values.length;
    bits -= share * Math.log2(share);
  }
  return Math.max(0, bits);
}
