import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { MinerSettings } from '@logbert/template-mining';
import type { z } from 'zod';
import { DRAIN3_DEFAULTS, EXAMPLE_MASKS } from '../evaluate/drain3-configurations';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { median } from './measure';
import { MeasurementFailure } from './measurement-failure';
import { findPeersPython, peersFolder } from './peers';
import { runMeasured } from './run-measured';
import {
  type PeerUsage,
  peerUsageSchema,
  type TemplateCost,
  templateCostSchema,
  type TemplateJob,
} from './template-usage';
import {
  type MeasuredTemplates,
  TEMPLATE_COUNTS,
  type TemplateCosts,
  tellTemplates,
  type TemplatesReport,
} from './template-tables';
import { messagesOfFile, messagesOfSystems, writeVaried } from './varied-messages';

const OPTIONS = {
  log: { value: 'FILE', help: 'messages, one a line, .gz or not' },
  data: { value: 'DIR', help: 'instead: the messages of all systems of a folder, mixed' },
  lines: {
    value: 'N',
    help: 'lines in one run; digits vary from line to line',
    fallback: '1000000',
  },
  runs: { value: 'N', help: 'runs of each program, in turns', fallback: '3' },
  peers: { help: 'runs drain3 beside ours, with the same masks' },
  python: { value: 'PATH', help: 'a Python with drain3 (or LOGBERT_PEERS_PYTHON)' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const DRAIN3_MASKS: Partial<MinerSettings> = { ...DRAIN3_DEFAULTS, masks: EXAMPLE_MASKS };
const MOST_COST_LINES = 200_000;
const MOST_COST_RUNS = 3;

type MessageJob = Extract<TemplateJob, { messages: string }>;

const EXACT: Partial<MinerSettings> = { engine: 'drain' };
const FLEXIBLE: Partial<MinerSettings> = { engine: 'flexible' };

/** What is measured of ours, by its name in the report. */
const MEASURED: Readonly<Record<string, Omit<MessageJob, 'messages'>>> = {
  equalMasks: { kind: 'learn', settings: DRAIN3_MASKS },
  learn: { kind: 'learn', settings: EXACT },
  match: { kind: 'match', settings: EXACT },
  flexibleLearn: { kind: 'learn', settings: FLEXIBLE },
  flexibleMatch: { kind: 'match', settings: FLEXIBLE },
};

/** For which the cost of a line is measured as templates grow more, by the name in the report. */
const GROWN = {
  skewed: { isSkewed: true, settings: EXACT },
  even: { isSkewed: false, settings: EXACT },
  flexibleSkewed: { isSkewed: true, settings: FLEXIBLE },
} as const;

/** How many messages a second one core learns and matches, and what drain3 does in the same time. */
export async function benchTemplates(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench templates', OPTIONS, argv);
  const head = reportHead('bench templates', argv);
  const lines = options.number('lines', 1, 1e8) ?? 0;
  const runs = options.number('runs', 1, 100) ?? 1;
  const originals = await originalsOf(options.text('log'), options.text('data'));
  const python = options.has('peers')
    ? await findPeersPython(options.text('python'), (step) => console.error(step))
    : undefined;

  const folder = mkdtempSync(join(tmpdir(), 'logbert-bench-'));
  try {
    const messages = join(folder, 'messages');
    writeVaried(originals, lines, messages);
    const measured = await measureInTurns(messages, runs, python);
    const costs = await measureCosts(
      Math.min(lines, MOST_COST_LINES),
      Math.min(runs, MOST_COST_RUNS),
    );
    const report = tellTemplates(measured, costs);
    const file = options.text('json');
    if (file !== undefined) writeReport(file, { ...head, lines, runs, ...report });
    requireSameClusters(report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function originalsOf(
  log: string | undefined,
  data: string | undefined,
): Promise<readonly string[]> {
  if (log !== undefined && data === undefined) return messagesOfFile(log);
  if (data !== undefined && log === undefined) return messagesOfSystems(data);
  throw new UsageError('bench templates wants either --log FILE or --data DIR');
}

/** One run of each after the other, as often as wanted, so that a busy machine slows all alike. */
async function measureInTurns(
  messages: string,
  runs: number,
  python: string | undefined,
): Promise<MeasuredTemplates> {
  const ours: Record<string, PeerUsage[]> = {};
  const drain3: PeerUsage[] = [];
  for (let run = 0; run < runs; run++) {
    for (const [name, job] of Object.entries(MEASURED)) {
      (ours[name] ??= []).push(await runOurs({ ...job, messages }, peerUsageSchema));
      if (python === undefined || name !== 'equalMasks') continue;
      const { depth, similarity } = DRAIN3_MASKS;
      const same = JSON.stringify({ messages, masks: EXAMPLE_MASKS, depth, similarity });
      const program = join(peersFolder(), 'drain3_learn.py');
      drain3.push(await runMeasured(python, [program, same], peerUsageSchema));
    }
  }
  return { ours, drain3 };
}

/** Medians over the runs, by the number of templates. */
async function measureCosts(lines: number, runs: number): Promise<TemplateCosts> {
  const costs: Record<string, readonly TemplateCost[]> = {};
  for (const [name, grown] of Object.entries(GROWN)) {
    const byCount: TemplateCost[][] = TEMPLATE_COUNTS.map(() => []);
    for (let run = 0; run < runs; run++) {
      for (const [index, templates] of TEMPLATE_COUNTS.entries()) {
        const job = { kind: 'cost', templates, lines, ...grown } as const;
        byCount[index]?.push(await runOurs(job, templateCostSchema));
      }
    }
    costs[name] = byCount.map((measured) => ({
      clusters: median(measured.map(({ clusters }) => clusters)),
      learnSeconds: median(measured.map(({ learnSeconds }) => learnSeconds)),
      matchSeconds: median(measured.map(({ matchSeconds }) => matchSeconds)),
    }));
  }
  return costs;
}

/** The program of a measurement stands beside the command's own. */
function runOurs<Schema extends z.ZodType>(
  job: TemplateJob,
  schema: Schema,
): Promise<z.output<Schema>> {
  const program = join(dirname(process.argv[1] ?? ''), 'template-job.js');
  return runMeasured(process.execPath, [program, JSON.stringify(job)], schema);
}

/** Same lines, same settings, same algorithm: another number of clusters would compare two different things. */
function requireSameClusters({ ours, peers }: TemplatesReport): void {
  const theirs = peers?.drain3.clusters;
  if (theirs === undefined || theirs === ours['equalMasks']?.clusters) return;
  throw new MeasurementFailure(
    `with the same masks ours has ${ours['equalMasks']?.clusters} templates and drain3 ${theirs}`,
  );
}
