import { UsageError } from '../reporting/options';
import { evaluateSequences } from './evaluate-sequences';
import { evaluateStream } from './evaluate-stream';
import { evaluateTemplates } from './evaluate-templates';

const EVALUATIONS: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = {
  sequences: evaluateSequences,
  stream: evaluateStream,
  templates: evaluateTemplates,
};

/** `evaluate <what> …` */
export async function runEvaluate([what, ...rest]: readonly string[]): Promise<void> {
  const evaluation = what === undefined ? undefined : EVALUATIONS[what];
  if (!evaluation) {
    throw new UsageError(`Usage: evaluate <${Object.keys(EVALUATIONS).join(' | ')}> [options]`);
  }
  await evaluation(rest);
}
