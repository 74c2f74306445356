import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REPOSITORY } from './repository';

const MAIN = join(REPOSITORY, 'dist/apps/api/main.js');
const LISTENS_WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 15_000;
const KEPT_OUTPUT = 20_000;

/** The built program, started as a user starts it, with a data directory of its own. */
export class Program {
  private constructor(
    readonly url: string,
    /** When it began to listen, epoch milliseconds. */
    readonly listeningSince: number,
    private readonly child: ChildProcess,
    private readonly dataDirectory: string,
  ) {}

  /** @param settings `LOGBERT__…` variables beside those that every start here has */
  static async start(settings: Readonly<Record<string, string>>): Promise<Program> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built: run "npx nx build api" first`);
    const dataDirectory = await mkdtemp(join(tmpdir(), 'logbert-e2e-'));
    const child = spawn(process.execPath, [MAIN], {
      cwd: REPOSITORY,
      env: {
        ...process.env,
        LOGBERT__DATADIRECTORY: dataDirectory,
        LOGBERT__SERVER__PORT: '0',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const url = await addressOf(child);
      return new Program(url, Date.now(), child, dataDirectory);
    } catch (error) {
      child.kill('SIGKILL');
      await rm(dataDirectory, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const isEnded = await Promise.race([
        ended.then(() => true),
        sleep(ENDS_WITHIN_MS, false, { ref: false }),
      ]);
      if (!isEnded) {
        this.child.kill('SIGKILL');
        await ended;
      }
    }
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}

/** Reads the address that the program prints; its last words go into the failure when there is none. */
async function addressOf(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`${reason}:\n${output}`));
    const deadline = setTimeout(() => fail('the program does not listen'), LISTENS_WITHIN_MS);
    const read = (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
      const url = /listens on (http:\/\/[\w.:[\]-]+)/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(deadline);
      resolve(url);
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    child.once('exit', (code) => {
      clearTimeout(deadline);
      fail(`the program ended with code ${code}`);
    });
  });
}
