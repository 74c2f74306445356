export { GraphRefusedFailure, GraphRunFailure } from './graph-failures';
export { openGraph } from './open-graph';
