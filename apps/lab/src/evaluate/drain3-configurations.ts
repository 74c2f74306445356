import type { MaskRule, MinerSettings } from '@logbert/template-mining';

const START = '((?<=[^A-Za-z0-9])|^)';
const END = '((?=[^A-Za-z0-9])|$)';

/** The seven masks of drain3's example configuration, in its order. */
export const EXAMPLE_MASKS: readonly MaskRule[] = [
  { name: 'ID', pattern: `${START}(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))${END}` },
  { name: 'IP', pattern: `${START}(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})${END}` },
  { name: 'SEQ', pattern: `${START}([0-9a-f]{6,} ?){3,}${END}` },
  { name: 'SEQ', pattern: `${START}([0-9A-F]{4} ?){4,}${END}` },
  { name: 'HEX', pattern: `${START}(0x[a-f0-9A-F]+)${END}` },
  { name: 'NUM', pattern: `${START}([\\-\\+]?\\d+)${END}` },
  { name: 'CMD', pattern: '(?<=executed cmd )(".+?")' },
].map((rule) => ({ ...rule, isTrusted: true }));

/** drain3's own defaults, where they differ from ours. */
export const DRAIN3_DEFAULTS: Partial<MinerSettings> = {
  engine: 'drain',
  depth: 4,
  similarity: 0.4,
};

/** Settings by the name of the folder in which a reference keeps drain3's answers to them. */
export const DRAIN3_CONFIGURATIONS: Readonly<Record<string, Partial<MinerSettings>>> = {
  default_nomask: { masks: [] },
  default_inimask: { masks: EXAMPLE_MASKS },
  ini_full: {
    masks: EXAMPLE_MASKS,
    maskPrefix: '<:',
    maskSuffix: ':>',
    extraDelimiters: ['_'],
    maxClusters: 1_024,
  },
  lru20: { masks: EXAMPLE_MASKS, maxClusters: 20 },
  lru5_children4: { masks: [], maxClusters: 5, maxChildren: 4, depth: 5 },
  nonumparam: { masks: [], parametrizeNumericTokens: false, depth: 5, maxChildren: 10 },
};

/** The folder of the configuration that takes each system's own settings. */
export const OWN_SETTINGS = 'perdataset';

/** The folder of the configuration with which a reference's snapshots were made. */
export const SNAPSHOT_CONFIGURATION = 'default_inimask';
