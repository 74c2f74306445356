import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../dist/apps/api/main.js', import.meta.url));
const START_WITHIN_MS = 60_000;

export interface ServerOptions {
  /** Settings in the form of environment variables, such as `LOGBERT__LOG__LEVEL`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A data directory to go on with; without one the server gets a new one that goes with it. */
  readonly dataDirectory?: string;
}

/** The built program, running as its user runs it. What the environment sets (a database, a broker) holds too. */
export class Server implements AsyncDisposable {
  private output = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly dataDirectory: string,
    private readonly ownsData: boolean,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  url = '';

  static async start(options: ServerOptions = {}): Promise<Server> {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: build the api first`);
    const ownsData = options.dataDirectory === undefined;
    const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'logbert-e2e-')));
    const child = fork(PROGRAM, ['--server.port=0', '--demo=false'], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        NO_COLOR: '1',
        LOGBERT__DATADIRECTORY: dataDirectory,
        ...options.environment,
      },
    });
    const server = new Server(child, dataDirectory, ownsData);
    server.url = await server.listening();
    return server;
  }

  /** What it printed so far. */
  get log(): string {
    return this.output;
  }

  /** Ends the process and gives its exit code and how long it took. */
  async stop(
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<{ code: number | string | null; ms: number }> {
    const startedAt = performance.now();
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return { code: this.child.exitCode, ms: 0 };
    }
    const exit = once(this.child, 'exit') as Promise<[number | null, string | null]>;
    this.child.kill(signal);
    const [code, by] = await exit;
    return { code: code ?? by, ms: performance.now() - startedAt };
  }

  /** Reads no more of what it prints: writing it fails from now on. */
  hangUp(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  /** Gives the exit code that the process ends with when whoever started it goes away. */
  async abandon(): Promise<number | null> {
    const exit = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.disconnect();
    const [code] = await exit;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.ownsData) await rm(this.dataDirectory, { recursive: true, force: true });
  }

  private listening(): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(new Error(`the server does not listen yet:\n${this.output}`)),
        START_WITHIN_MS,
      );
      this.child.on('message', (message: { type?: string; url?: string }) => {
        if (message.type !== 'listening' || message.url === undefined) return;
        clearTimeout(deadline);
        resolve(message.url);
      });
      this.child.once('exit', (code) => {
        clearTimeout(deadline);
        reject(new Error(`the server ended with ${code}:\n${this.output}`));
      });
    });
  }
}
