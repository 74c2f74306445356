import type { Operator } from '../operator';
import { contractionOperators } from './contraction';
import { elementwiseOperators } from './elementwise';
import { layoutOperators } from './layout';
import { reductionOperators } from './reduction';
import { selectionOperators } from './selection';

const operators = {
  ...elementwiseOperators,
  ...contractionOperators,
  ...reductionOperators,
  ...layoutOperators,
  ...selectionOperators,
};

export type OperatorName = keyof typeof operators;

/** Every operator that a graph may use. */
export const OPERATORS: Readonly<Record<OperatorName, Operator>> = operators;
