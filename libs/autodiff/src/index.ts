export { differentiate, GRADIENT_RULES } from './differentiate';
export { GradientFailure } from './gradient-failure';
export { GradientSite, type GradientRule } from './gradient-rule';
