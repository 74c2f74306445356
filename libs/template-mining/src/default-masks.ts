import type { MaskRule } from './mask-rule';

const START = '(?<![A-Za-z0-9])';
const END = '(?![A-Za-z0-9])';

export const DEFAULT_MASKS: readonly MaskRule[] = [
  { name: 'UUID', pattern: `${START}[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}${END}` },
  { name: 'IP', pattern: `${START}\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d{1,5})?${END}` },
  { name: 'MAC', pattern: `${START}[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}${END}` },
  { name: 'HEX', pattern: `${START}0[xX][0-9A-Fa-f]+${END}` },
  { name: 'NUM', pattern: `${START}[-+]?\\d+${END}` },
];
