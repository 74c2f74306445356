import type { MinerSettings } from '@logbert/template-mining';
import type { TemplateSystem } from './template-systems';

/** A way of mining that is measured over all systems. */
export interface TemplateMode {
  readonly name: string;
  /** Undefined where a system cannot be measured so. */
  readonly settingsOf: (system: TemplateSystem) => Partial<MinerSettings> | undefined;
  /**
   * Whether lines may change their template when later ones are learned, so that each is asked for again at the end;
   * otherwise a line stays with the cluster that took it.
   */
  readonly isRegrouping: boolean;
}

/** Name of the mode that takes each system's own settings. */
export const OWN_MODE = 'own settings';

export const TEMPLATE_MODES: readonly TemplateMode[] = [
  {
    name: OWN_MODE,
    settingsOf: ({ own }) => (own && 'settings' in own ? own.settings : undefined),
    isRegrouping: false,
  },
  {
    name: 'default preset',
    settingsOf: () => ({ engine: 'drain' }),
    isRegrouping: false,
  },
  {
    name: 'flexible engine',
    settingsOf: () => ({ engine: 'flexible' }),
    isRegrouping: true,
  },
];
