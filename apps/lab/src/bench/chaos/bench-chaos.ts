import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Options } from '../../reporting/options';
import { reportHead, writeReport } from '../../reporting/report';
import { formatTable } from '../../reporting/table';
import { ChaosSite } from './chaos-site';
import { runChaos } from './chaos-run';
import { type FaultCounts, planFaults } from './faults';
import { orderStream } from './order-stream';
import { isSpoolClean, killDuringIngest, type SpoolTally } from './spool-kills';
import { changesOf, isClean, strangersOf, type Tally, tallyOf } from './tally';

const OPTIONS = {
  short: { help: 'fewer of everything, in minutes; counts that are given hold' },
  lines: { value: 'N', help: 'log lines (1000000; short: 40000)' },
  kills: { value: 'N', help: 'detectors killed by SIGKILL (50; short: 3)' },
  rebalances: { value: 'N', help: 'detectors that join and leave (20; short: 2)' },
  'broker-restarts': { value: 'N', help: 'broker killed and started (5; short: 1)' },
  'database-restarts': { value: 'N', help: 'database killed and started (5; short: 1)' },
  's3-seconds': { value: 'N', help: 'S3 out of reach for so long (300; short: 5)' },
  'spool-kills': { value: 'N', help: 'servers killed during HTTP ingest (100; short: 5)' },
  seed: { value: 'N', help: 'order and moments of the faults', fallback: '1' },
  keep: { help: 'keep the folder with what the servers wrote' },
  json: { value: 'FILE', help: 'the same for programs' },
} as const;

const FULL = {
  lines: 1e6,
  kills: 50,
  rebalances: 20,
  brokers: 5,
  databases: 5,
  s3Seconds: 300,
  spool: 100,
};
const SHORT = {
  lines: 40_000,
  kills: 3,
  rebalances: 2,
  brokers: 1,
  databases: 1,
  s3Seconds: 5,
  spool: 5,
};
const FAILING_EVERY = 50;
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 120_000;
const MOST_TOLD = 5;

/** What is lost, doubled or changed when everything that detectors depend on fails, beside a run in which nothing does. */
export async function benchChaos(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench chaos', OPTIONS, argv);
  const head = reportHead('bench chaos', argv);
  const usual = options.has('short') ? SHORT : FULL;
  const lines = options.number('lines', 1_000, 1e8) ?? usual.lines;
  const s3Seconds = options.number('s3-seconds', 0, 86_400) ?? usual.s3Seconds;
  const counts: FaultCounts = {
    kills: options.number('kills', 0, 10_000) ?? usual.kills,
    rebalances: options.number('rebalances', 0, 10_000) ?? usual.rebalances,
    brokerRestarts: options.number('broker-restarts', 0, 1_000) ?? usual.brokers,
    databaseRestarts: options.number('database-restarts', 0, 1_000) ?? usual.databases,
    s3Outages: s3Seconds > 0 ? 1 : 0,
  };
  const seed = options.number('seed', 0, 2 ** 31) ?? 1;
  const spoolKills = options.number('spool-kills', 0, 100_000) ?? usual.spool;
  const faults = planFaults(counts, seed);
  const untilMs = Date.now() - HOUR_MS;
  const sent = [...orderStream({ seed: 2, lines, untilMs, failingEvery: FAILING_EVERY })];
  const folder = await mkdtemp(join(tmpdir(), 'logbert-chaos-'));
  const startedAt = Date.now();
  const tell = (step: string) =>
    console.error(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${step}`);
  try {
    const spool =
      spoolKills > 0
        ? await killDuringIngest(folder, { kills: spoolKills, seed }, tell)
        : undefined;
    if (spool) console.log(spoolTable(spool));
    tell(`starting services and learning; logs of the servers are in ${folder}`);
    await using site = await ChaosSite.build(folder, untilMs - HOUR_MS);
    const common = { lines: sent, s3OutageMs: s3Seconds * 1_000, patienceMs: PATIENCE_MS, tell };
    tell(`undisturbed: ${lines} lines`);
    const undisturbed = await runChaos(site, { ...common, name: 'undisturbed', faults: [] });
    tell(`disturbed: ${faults.length} faults`);
    const disturbed = await runChaos(site, {
      ...common,
      name: 'disturbed',
      faults,
      patienceMs: PATIENCE_MS + s3Seconds * 1_000,
    });
    const tally = tallyOf(undisturbed.outcome, disturbed.outcome);
    const reference = tallyOf(undisturbed.outcome, undisturbed.outcome);
    const { longestRecoveryMs, ownEnds, seconds } = disturbed;
    // One more goes with S3.
    const kills = { planned: counts.kills + counts.s3Outages, struck: disturbed.kills };
    console.log(tableOf(reference, tally));
    console.log(
      `\n${describe(counts, kills, s3Seconds)} in ${seconds.toFixed(0)} s; servers that ended by themselves: ${ownEnds}; ` +
        `longest recovery ${(longestRecoveryMs / 1_000).toFixed(1)} s`,
    );
    const outcomes = [undisturbed.outcome, disturbed.outcome] as const;
    for (const stranger of strangersOf(...outcomes).slice(0, MOST_TOLD)) console.log(stranger);
    for (const change of changesOf(...outcomes).slice(0, MOST_TOLD)) {
      console.log(`scored otherwise: ${change}`);
    }
    const clean = isClean(tally) && isClean(reference) && (!spool || isSpoolClean(spool));
    console.log(clean ? 'Nothing lost, nothing twice, nothing changed.' : 'THE RUNS DIFFER.');
    if (!clean) process.exitCode = 1;
    const file = options.text('json');
    if (file !== undefined) {
      writeReport(file, {
        ...head,
        faults: { ...counts, s3Seconds },
        kills,
        undisturbed: reference,
        disturbed: tally,
        spool: spool ?? null,
        seconds,
        longestRecoverySeconds: longestRecoveryMs / 1_000,
        ownEnds,
      });
    }
  } finally {
    if (!options.has('keep')) await rm(folder, { recursive: true, force: true });
  }
}

function tableOf(undisturbed: Tally, disturbed: Tally): string {
  const rows: readonly (readonly [string, keyof Tally])[] = [
    ['lines sent', 'lines'],
    ['lines lost', 'linesLost'],
    ['lines counted twice', 'linesDuplicated'],
    ['dead letters', 'deadLetters'],
    ['anomalies', 'anomalies'],
    ['anomalies lost', 'anomaliesLost'],
    ['anomalies too many', 'anomaliesUnexpected'],
    ['scores changed', 'scoresChanged'],
    ['final verdicts changed', 'verdictsChanged'],
    ['not published', 'notPublished'],
    ['published twice', 'publishedTwice'],
  ];
  return formatTable(
    ['', 'undisturbed', 'disturbed'],
    rows.map(([name, key]) => [name, String(undisturbed[key]), String(disturbed[key])]),
  );
}

function spoolTable(tally: SpoolTally): string {
  const rows: readonly (readonly [string, number])[] = [
    ['kills during HTTP ingest', tally.kills],
    ['requests cut off', tally.requestsCutOff],
    ['lines acknowledged', tally.linesAcknowledged],
    ['acknowledged lines lost', tally.acknowledgedLost],
    ['lines kept twice', tally.keptTwice],
    ['lines kept but not counted', tally.notCounted],
    ['lines counted twice', tally.countedTwice],
  ];
  return `${formatTable(
    ['spool', ''],
    rows.map(([name, count]) => [name, String(count)]),
  )}\n`;
}

function describe(
  counts: FaultCounts,
  { planned, struck }: { readonly planned: number; readonly struck: number },
  s3Seconds: number,
): string {
  return [
    struck === planned ? `${struck} kills` : `${struck} kills that struck of ${planned}`,
    `${counts.rebalances} joins and leaves`,
    `${counts.brokerRestarts} broker restarts`,
    `${counts.databaseRestarts} database restarts`,
    `${s3Seconds} s without S3`,
  ].join(', ');
}
