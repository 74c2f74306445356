import { UsageError } from '../reporting/options';
import { benchPipeline } from './bench-pipeline';
import { benchTemplates } from './bench-templates';

const BENCHES: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = {
  pipeline: benchPipeline,
  templates: benchTemplates,
};

/** `bench <what> …` */
export async function runBench([what, ...rest]: readonly string[]): Promise<void> {
  const bench = what === undefined ? undefined : BENCHES[what];
  if (!bench) throw new UsageError(`Usage: bench <${Object.keys(BENCHES).join(' | ')}> [options]`);
  await bench(rest);
}
