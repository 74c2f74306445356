import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MeasurementFailure } from '../measurement-failure';

export type Settings = Readonly<Record<string, string>>;

/** The built server; beside this program, both run from `dist/apps`. */
const PROGRAM = fileURLToPath(new URL('../api/main.js', import.meta.url));
/** As `npm start` and the image run it. */
export const RUN_WITH = ['--max-semi-space-size=32'];
const START_WITHIN_MS = 120_000;

export interface ServerOptions {
  readonly dataDirectory: string;
  readonly settings: Settings;
  /** What it prints is added to this file. */
  readonly logFile: string;
}

/** One process of the server. */
export class ServerProcess implements AsyncDisposable {
  private isStruck = false;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /**
   * @param program that tells its parent when it listens
   * @throws MeasurementFailure when it ends, or is not ready in time
   */
  static async start(
    { dataDirectory, settings, logFile }: ServerOptions,
    program = PROGRAM,
  ): Promise<ServerProcess> {
    if (!existsSync(program)) {
      throw new MeasurementFailure(`${program} is missing: build it with "npx nx build api"`);
    }
    const child = fork(program, ['--server.port=0', '--demo=false'], {
      execArgv: RUN_WITH,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NO_COLOR: '1', LOGBERT__DATADIRECTORY: dataDirectory, ...settings },
    });
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.once('close', () => log.end());
    return new ServerProcess(child, await listening(child, logFile));
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Called once when the process has ended, for whatever reason. */
  onEnd(listener: () => void): void {
    if (!this.isRunning) listener();
    else this.child.once('exit', listener);
  }

  /** Whether it was `kill` that ended it. */
  get wasKilled(): boolean {
    return this.isStruck && this.child.signalCode === 'SIGKILL';
  }

  /**
   * Ends it as it is, without a word.
   *
   * @returns whether it was this that ended it; false when it had ended before, or ended by itself meanwhile
   */
  async kill(): Promise<boolean> {
    if (!this.isRunning) return false;
    this.isStruck = true;
    await this.stop('SIGKILL');
    return this.wasKilled;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }
}

function listening(child: ChildProcess, logFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new MeasurementFailure(`a server ${why}; it printed ${logFile}`));
    };
    const onExit = () => fail('ended at its start');
    const timer = setTimeout(() => fail('does not listen'), START_WITHIN_MS);
    child.once('exit', onExit);
    child.on('message', (message: { readonly type?: string; readonly url?: string }) => {
      if (message.type !== 'listening' || message.url === undefined) return;
      clearTimeout(timer);
      child.off('exit', onExit);
      resolve(message.url);
    });
  });
}
