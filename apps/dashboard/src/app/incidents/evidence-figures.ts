import type { EvidenceKind } from '@logbert/contracts';
import { formatDuration, formatMeasure, formatPValue, formatShare } from '../figures/figures';

/** What kind of fact an item is, as a person would say it. */
export const EVIDENCE_TEXT: Readonly<Record<EvidenceKind, string>> = {
  'novel-template': 'Never seen before',
  'rare-template': 'Rare line',
  'missing-template': 'Missing line',
  'surprising-line': 'Surprising line',
  'rate-change': 'Rate changed',
  'parameter-focus': 'One value stands out',
  'service-order': 'Order of services',
  'error-level': 'Errors',
  'similar-incident': 'Seen before',
};

export interface Figure {
  readonly name: string;
  readonly value: string;
}

/** Names and values of an item's figures; the unit is read from the end of the name. */
export function figuresOf(figures: Readonly<Record<string, number>>): readonly Figure[] {
  return Object.entries(figures).map(([key, value]) => {
    if (/share|similarity|probability/i.test(key)) {
      return { name: wordsOf(key), value: formatShare(value) };
    }
    if (key.endsWith('Ms')) {
      return { name: wordsOf(key.slice(0, -2)), value: formatDuration(value) };
    }
    if (/p[-_ ]?value/i.test(key)) return { name: 'p', value: formatPValue(value) };
    if (/lift|factor/i.test(key)) {
      return { name: wordsOf(key), value: `× ${formatMeasure(value)}` };
    }
    return { name: wordsOf(key), value: formatMeasure(value) };
  });
}

function wordsOf(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();
}
