#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  build,
  endWithChildren,
  install,
  nx,
  PROGRAMS,
  programOf,
  requireSupportedNode,
  ROOT,
  run,
  seconds,
} from './workspace.mjs';

const MINUTE_MS = 60_000;
const REPORTS = join(ROOT, 'test-results');
const CHROMIUMS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const startedAt = Date.now();
const phases = [];
const say = (text) => console.log(`\n== ${text}`);

requireSupportedNode();
endWithChildren();
rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
tellSwitches();

let isWhole = await phase('install', async () => {
  await install({ say });
  return {};
});
if (isWhole) {
  await phase('format', checkFormat);
  await phase('lint and type check', checkProjects);
  await phase('circular imports', checkCycles);
  await phase('unit tests', () => vitest('unit', 'unit', [], 10));
  await phase('dashboard unit tests', testDashboard);
  isWhole = await phase('build', buildAll);
  await phase('integration tests', () => vitest('integration', 'integration', [], 25));
  if (isWhole) {
    await phase('API end to end', () => vitest('api-e2e', 'e2e', ['apps/api-e2e'], 25));
    await phase('browser end to end', testInBrowser);
  } else {
    skip('API end to end', 'the build failed');
    skip('browser end to end', 'the build failed');
  }
}
tellSummary();

/**
 * Runs one phase and keeps its tally. A phase that fails without counting anything counts as one failure.
 * @returns {Promise<boolean>} whether nothing failed
 */
async function phase(name, work) {
  say(name);
  const phaseStartedAt = Date.now();
  let tally;
  try {
    tally = await work();
  } catch (error) {
    console.error(error.message);
    tally = { failed: 1, notes: [error.message.split('\n')[0]] };
  }
  const { passed = 0, failed = 0, skipped = 0, notes = [] } = tally;
  phases.push({ name, passed, failed, skipped, notes, time: seconds(phaseStartedAt) });
  return failed === 0;
}

function skip(name, reason) {
  phases.push({ name, passed: 0, failed: 0, skipped: 0, notes: [`skipped: ${reason}`], time: '' });
}

async function checkFormat() {
  const { code, output } = await run(
    process.execPath,
    [programOf('prettier'), '--check', '--log-level=warn', '.'],
    { isQuiet: true },
  );
  if (code !== 0) console.log(output);
  return code === 0 ? { passed: 1 } : { failed: 1, notes: ['npm run format mends it'] };
}

async function checkCycles() {
  const { output } = await run(process.execPath, ['tools/check-cycles.mjs'], { isQuiet: true });
  console.log(output.trimEnd());
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  if (passed === undefined) throw new Error('the check for circular imports gave no count');
  return { passed: Number(passed), failed: Number(failed) };
}

/** Lint (room boundaries included) and type check: each counts one a project. */
async function checkProjects() {
  const targets = ['lint', 'typecheck'];
  const { code, output } = await nx(
    ['run-many', '-t', ...targets, '--parallel=2', '--output-style=static', '--nxBail=false'],
    true,
  );
  const tasks = new Set(tasksIn(output, /^> nx run (\S+:(?:lint|typecheck))\b/gm));
  const failures = output.slice(output.lastIndexOf('Failed tasks:'));
  const failedTasks = code === 0 ? [] : tasksIn(failures, /^- (\S+:(?:lint|typecheck))$/gm);
  if (code !== 0) console.log(output);
  if (tasks.size === 0) throw new Error('Nx reported no lint or type-check task');
  return {
    passed: tasks.size - failedTasks.length,
    failed: code === 0 ? 0 : Math.max(1, failedTasks.length),
    notes: failedTasks,
  };
}

function tasksIn(output, pattern) {
  return [...output.matchAll(pattern)].map(([, task]) => task);
}

/** Runs a Vitest project; its JSON report is what counts, its default report is for people. */
async function vitest(report, project, filters, minutes, env = {}) {
  const file = join(REPORTS, `${report}.json`);
  const { code } = await run(
    process.execPath,
    [
      programOf('vitest'),
      'run',
      '--project',
      project,
      ...filters,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    { env, timeoutMs: minutes * MINUTE_MS },
  );
  return tallyOf(file, code);
}

function tallyOf(file, code) {
  if (!existsSync(file)) return { failed: 1, notes: [`no report; ended with code ${code}`] };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that cannot be imported has no tests in it: it is one failure all the same.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = report.numFailedTests + broken.length;
  const notes = [
    ...report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    ),
    ...broken.map(({ name }) => name),
  ];
  if (code !== 0 && failed === 0) notes.push(`ended with code ${code} though no test failed`);
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    notes,
  };
}

/** The dashboard's tests run in Angular's own runner where it has one of its own. */
async function testDashboard() {
  const { targets } = JSON.parse(readFileSync(join(ROOT, 'apps/dashboard/project.json'), 'utf8'));
  const command = targets.test?.options?.command;
  if (command === undefined) return { notes: ['skipped: the dashboard has no test target'] };
  const file = join(REPORTS, 'dashboard.json');
  const { code } = await nx(
    [
      'run',
      'dashboard:test',
      '--skip-nx-cache',
      `--reporters=default,json`,
      `--outputFile=${file}`,
    ],
    false,
  );
  return tallyOf(file, code);
}

async function buildAll() {
  const names = Object.keys(PROGRAMS);
  const { built, failed } = await build(names, { say });
  const fresh = names.length - built.length - failed.length;
  return {
    passed: names.length - failed.length,
    failed: failed.length,
    notes: [...failed, ...(fresh > 0 ? [`${fresh} already fresh`] : [])],
  };
}

async function testInBrowser() {
  const chromium = findChromium();
  if (chromium === undefined) {
    return { notes: ['skipped: no Chromium found; set LOGBERT_CHROMIUM to its path'] };
  }
  return vitest('dashboard-e2e', 'e2e', ['apps/dashboard-e2e'], 12, { LOGBERT_CHROMIUM: chromium });
}

function findChromium() {
  return [process.env.LOGBERT_CHROMIUM, ...CHROMIUMS].find((file) => file && existsSync(file));
}

function tellSwitches() {
  const services = ['KAFKA', 'POSTGRES', 'S3', 'PROMTOOL', 'PYTHON'];
  const state = services.map((name) => {
    const value = process.env[`LOGBERT_TEST_${name}`];
    return `${name} ${value ? `at ${value.replace(/\/\/[^@/]*@/, '//…@')}` : 'off'}`;
  });
  console.log(`Real services (LOGBERT_TEST_…): ${state.join(', ')}`);
}

function tellSummary() {
  const sum = (key) => phases.reduce((total, one) => total + one[key], 0);
  console.log('\nPhase                     passed  failed  skipped      time');
  for (const { name, passed, failed, skipped, time } of phases) {
    const columns = [
      name.padEnd(24),
      String(passed).padStart(8),
      String(failed).padStart(8),
      String(skipped).padStart(9),
      time.padStart(10),
    ];
    console.log(columns.join(''));
  }
  for (const { name, notes } of phases) {
    for (const note of notes.slice(0, 40)) console.log(`  ${name}: ${note}`);
  }
  console.log(`\nTook ${seconds(startedAt)}; ${sum('skipped')} tests skipped.`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}
