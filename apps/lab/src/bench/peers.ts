import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MeasurementFailure } from './measurement-failure';

const run = promisify(execFile);

const FOLDER = 'benchmarks/peers';

/** What a Python needs to run a peer. */
export interface PeerNeeds {
  /** The peer's name, which is that of its module, too; of several, with commas. */
  readonly module: string;
  /** Pinned requirements, a file beside the programs. */
  readonly requirements: string;
}

export const DRAIN3: PeerNeeds = { module: 'drain3', requirements: 'requirements.txt' };
export const PYTHON_PIPELINE: PeerNeeds = {
  module: 'torch, drain3, confluent_kafka',
  requirements: 'requirements-pipeline.txt',
};
export const TORCH: PeerNeeds = { module: 'torch', requirements: 'requirements-torch.txt' };

/** Where the Python programs of the peers are, with what they need. */
export function peersFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, FOLDER);
    if (existsSync(join(candidate, 'requirements.txt'))) return candidate;
    if (folder === dirname(folder)) {
      throw new MeasurementFailure(`there is no ${FOLDER} above the program`);
    }
  }
}

/**
 * A Python that has a peer: the one given, the one that `LOGBERT_PEERS_PYTHON` names, or one in a virtual environment
 * under the cache folder, which is made with the pinned requirements where it is missing.
 *
 * @param given path or name of a Python; it is taken as it is, and refused without the peer
 * @param tell receives what is being done
 * @throws MeasurementFailure saying what is missing and what to do about it
 */
export async function findPeersPython(
  given: string | undefined,
  tell: (step: string) => void,
  { module, requirements: name }: PeerNeeds = DRAIN3,
): Promise<string> {
  const requirements = join(peersFolder(), name);
  const imports = ['-c', `import ${module}`];
  const named = given ?? process.env['LOGBERT_PEERS_PYTHON'];
  if (named !== undefined) {
    if (await succeeds(named, imports)) return named;
    throw new MeasurementFailure(
      (await succeeds(named, ['--version']))
        ? `${named} has no ${module}: ${named} -m pip install -r ${requirements}`
        : `${named}: no Python that can be run`,
    );
  }

  const folder = environmentFor(requirements);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (await succeeds(python, imports)) return python;
  const base = await findPython();
  tell(`making a Python environment with ${module} in ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await run(base, ['-m', 'venv', folder]);
    tell(`installing what ${requirements} names`);
    await run(python, [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '-q',
      '-r',
      requirements,
    ]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const { stdout = '', stderr = '', message } = error as Record<string, string>;
    const reason = `${stdout}${stderr}`.trim().split('\n').slice(-4).join('\n') || message;
    throw new MeasurementFailure(
      `could not make a Python environment with ${module} (a Python that has it can be given with --python):\n${reason}`,
      { cause: error },
    );
  }
  return python;
}

/** Named after the requirements, so that new ones make a new environment. */
function environmentFor(requirements: string): string {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'logbert', `peers-${digest.slice(0, 12)}`);
}

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    if (await succeeds(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']))
      return name;
  }
  throw new MeasurementFailure(
    'there is no Python 3.9 or later: install one, or name one with --python PATH or LOGBERT_PEERS_PYTHON',
  );
}

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(program, [...args]);
    return true;
  } catch {
    return false;
  }
}
