import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Only Node's own modules are imported here: this file runs before the first install. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The programs that `npm start` needs, each with the file that proves a finished build; the slowest build first. */
export const PROGRAMS = {
  dashboard: {
    sources: ['apps/dashboard', 'libs/contracts'],
    proof: 'dist/apps/dashboard/browser/index.html',
  },
  api: { sources: ['apps/api', 'libs'], proof: 'dist/apps/api/main.js' },
  lab: { sources: ['apps/lab', 'libs'], proof: 'dist/apps/lab/main.js' },
};

const SHARED_SOURCES = [
  'package-lock.json',
  'tsconfig.base.json',
  'tools/vite-node-app.mjs',
  'tools/workspace-alias.mjs',
];
const STAMP = '.sources';
const INSTALL_STAMP = 'node_modules/.logbert-install';

/** Stops with a message when this Node is not one of `^20.19 || ^22.12 || >=24`. */
export function requireSupportedNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (isSupported) return;
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  console.error(
    `LogBERT needs Node ${engines.node}; this is Node ${version}.\n` +
      'Install a current Node (https://nodejs.org) and run the same command again.',
  );
  process.exit(1);
}

/** Whether `node_modules` holds what `package-lock.json` asks for; told without starting npm. */
export function isInstalled() {
  const wanted = digest([join(ROOT, 'package-lock.json')]);
  const stamp = join(ROOT, INSTALL_STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  if (!matchesHiddenLock()) return false;
  writeFileSync(stamp, wanted);
  return true;
}

/** npm writes `node_modules/.package-lock.json` last, so an interrupted install never matches. */
function matchesHiddenLock() {
  const hidden = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = present[path];
    if (found === undefined) return Boolean(entry.optional || entry.devOptional || entry.peer);
    return found.version === entry.version;
  });
}

/** Runs `npm ci` when something is missing. */
export async function install({ say }) {
  if (isInstalled()) return { isFresh: false };
  say(
    'installing the packages of package-lock.json (npm ci; the first time takes a minute or two)',
  );
  await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(join(ROOT, INSTALL_STAMP), digest([join(ROOT, 'package-lock.json')]));
  return { isFresh: true };
}

/** Programs whose output is older than their sources, or absent. */
export function stalePrograms(names = Object.keys(PROGRAMS)) {
  return names.filter((name) => {
    const stamp = stampOf(name);
    if (!existsSync(join(ROOT, PROGRAMS[name].proof)) || !existsSync(stamp)) return true;
    return readFileSync(stamp, 'utf8') !== sourceDigest(name);
  });
}

/**
 * Builds the stale ones of `names` and stamps each.
 * @returns {Promise<{ built: string[], failed: string[] }>}
 */
export async function build(names, { say, isVerbose = false }) {
  const stale = stalePrograms(names);
  const failed = [];
  if (stale.length === 0) return { built: [], failed };
  say(`building ${stale.join(', ')}`);
  const width = stale.length > 1 ? 2 : 1;
  const queue = [...stale];
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const startedAt = Date.now();
      const sources = sourceDigest(name);
      const { code, output } = await runBuild(name, !isVerbose);
      if (code !== 0 || !existsSync(join(ROOT, PROGRAMS[name].proof))) {
        failed.push(name);
        say(`building ${name} failed`);
        if (output !== '') console.error(output);
        continue;
      }
      writeFileSync(stampOf(name), sources);
      say(`built ${name} in ${seconds(startedAt)}`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return { built: stale.filter((name) => !failed.includes(name)), failed };
}

/** Runs the command of a program's `build` target without Nx, whose project graph is not needed for it. */
function runBuild(name, isQuiet) {
  const home = join(ROOT, 'apps', name);
  const { targets } = JSON.parse(readFileSync(join(home, 'project.json'), 'utf8'));
  const { command, cwd = ROOT } = targets.build.options;
  const [program, ...args] = command.split(' ');
  const file = program === 'ng' ? programOf('@angular/cli', 'ng') : programOf(program);
  return run(process.execPath, [file, ...args], {
    isQuiet,
    cwd: cwd.replace('{projectRoot}', home),
    env: { FORCE_COLOR: '0' },
  });
}

/** Runs Nx; its output is kept, and shown only when asked for. */
export function nx(args, isQuiet) {
  return run(process.execPath, [programOf('nx'), ...args], {
    isQuiet,
    env: { NX_TUI: 'false', NX_DAEMON: 'false', FORCE_COLOR: '0' },
  });
}

/** The file behind a command of a package. */
export function programOf(name, command = name) {
  const home = join(ROOT, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return join(home, typeof bin === 'string' ? bin : bin[command]);
}

/** Runs npm the way it was started, whatever its name on this system. */
async function npm(args) {
  const script = process.env.npm_execpath;
  const isScript = script !== undefined && /npm-cli\.[cm]?js$/.test(script);
  const { code } = isScript
    ? await run(process.execPath, [script, ...args], {})
    : await run('npm', args, { isShell: process.platform === 'win32' });
  if (code !== 0) {
    throw new Error(`npm ${args[0]} ended with code ${code}; its message is above`);
  }
}

const running = new Set();

/**
 * Runs a program to its end.
 * @returns {Promise<{ code: number, output: string }>} output is empty unless `isQuiet`
 */
export function run(
  command,
  args,
  { isQuiet = false, env = {}, cwd = ROOT, isShell = false, timeoutMs } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      shell: isShell,
      stdio: ['ignore', isQuiet ? 'pipe' : 'inherit', isQuiet ? 'pipe' : 'inherit'],
    });
    running.add(child);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            output += `\nended after ${timeoutMs / 1000} s without finishing`;
            child.kill('SIGTERM');
            setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
          }, timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('close', (code, signal) => {
      finish();
      resolve({ code: code ?? (signal === null ? 1 : 128), output });
    });
  });
}

/** On Ctrl-C or a polite end, ends the program that is running for us, and then this one. */
export function endWithChildren() {
  const end = (signal) => {
    for (const child of running) child.kill(signal);
    process.exitCode = signal === 'SIGINT' ? 130 : 143;
    setTimeout(() => process.exit(), 3_000).unref();
    if (running.size === 0) process.exit();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  };
}

export function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function stampOf(name) {
  return join(ROOT, 'dist/apps', name, STAMP);
}

/** SHA-256 of the files a program is made of; tests and prose do not count. */
function sourceDigest(name) {
  const files = PROGRAMS[name].sources.flatMap((folder) => filesBelow(join(ROOT, folder)));
  return digest([...files, ...SHARED_SOURCES.map((file) => join(ROOT, file))]);
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !/(?:spec\.ts|\.md)$|[\\/](?:node_modules|dist|\.angular)[\\/]/.test(file))
    .sort();
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(relative(ROOT, file).split(sep).join('/')).update('\0');
    hash.update(existsSync(file) ? readFileSync(file) : '').update('\0');
  }
  return hash.digest('hex');
}
