import { Failure } from '@logbert/failure';
import { UsageError } from './reporting/options';

const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = {
  demo: async (argv) => (await import('./demo/run-demo')).runDemo(argv),
  evaluate: async (argv) => (await import('./evaluate/run-evaluate')).runEvaluate(argv),
  bench: async (argv) => (await import('./bench/run-bench')).runBench(argv),
};

const [name, ...rest] = process.argv.slice(2);
const command = name === undefined ? undefined : COMMANDS[name];

try {
  if (!command) throw new UsageError(`Usage: lab <${Object.keys(COMMANDS).join(' | ')}> [options]`);
  await command(rest);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
