import { TemplateMiner } from '@logbert/template-mining';
import { forEachLine } from '../reading/for-each-line';
import { GeneratedMessages } from './generated-messages';
import type { PeerUsage, TemplateCost, TemplateJob } from './template-usage';

// A process of its own for each measurement: it prints one line of JSON and ends.
const job = JSON.parse(process.argv[2] ?? '') as TemplateJob;
console.log(JSON.stringify(job.kind === 'cost' ? costOf(job) : usageOf(job)));

/** Reading, decoding and the work itself are in the figures; start-up, and for `match` the training, are not. */
function usageOf({ kind, messages, settings }: Exclude<TemplateJob, { kind: 'cost' }>): PeerUsage {
  const miner = new TemplateMiner(settings);
  if (kind === 'match') forEachLine(messages, (line) => miner.learn(line));
  let lines = 0;
  const { seconds, cpuSeconds } = timed(() => {
    lines =
      kind === 'learn'
        ? forEachLine(messages, (line) => miner.learn(line))
        : forEachLine(messages, (line) => miner.match(line));
  });
  return {
    lines,
    seconds,
    cpuSeconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1_024,
    clusters: miner.templates().length,
    program: `Node ${process.versions.node}`,
  };
}

/** What a line costs once every template is known. */
function costOf(job: Extract<TemplateJob, { kind: 'cost' }>): TemplateCost {
  const { templates, lines, isSkewed, settings } = job;
  const generated = new GeneratedMessages(templates, 1);
  const miner = new TemplateMiner(settings);
  // Twice, so that what varies is a wildcard before anything is measured.
  for (const message of [...generated.each(), ...generated.each()]) miner.learn(message);
  const half = generated.draw(lines / 2, isSkewed);
  for (const message of half) miner.learn(message);
  for (const message of half) miner.match(message);

  const messages = generated.draw(lines, isSkewed);
  const learning = timed(() => {
    for (const message of messages) miner.learn(message);
  });
  const matching = timed(() => {
    for (const message of messages) miner.match(message);
  });
  return {
    clusters: miner.templates().length,
    learnSeconds: learning.cpuSeconds / lines,
    matchSeconds: matching.cpuSeconds / lines,
  };
}

function timed(work: () => void): { seconds: number; cpuSeconds: number } {
  const cpuStarted = process.cpuUsage();
  const started = performance.now();
  work();
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuStarted);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}
