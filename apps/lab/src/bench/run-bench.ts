import { UsageError } from '../reporting/options';
import { benchFlood } from './bench-flood';
import { benchKafka } from './bench-kafka';
import { benchLatency } from './bench-latency';
import { benchPipeline } from './bench-pipeline';
import { benchScore } from './bench-score';
import { benchSessions } from './bench-sessions';
import { benchTemplates } from './bench-templates';
import { benchTrain } from './bench-train';
import { benchChaos } from './chaos/bench-chaos';

const BENCHES: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = {
  chaos: benchChaos,
  flood: benchFlood,
  kafka: benchKafka,
  latency: benchLatency,
  pipeline: benchPipeline,
  score: benchScore,
  sessions: benchSessions,
  templates: benchTemplates,
  train: benchTrain,
};

/** `bench <what> …` */
export async function runBench([what, ...rest]: readonly string[]): Promise<void> {
  const bench = what === undefined ? undefined : BENCHES[what];
  if (!bench) throw new UsageError(`Usage: bench <${Object.keys(BENCHES).join(' | ')}> [options]`);
  await bench(rest);
}
