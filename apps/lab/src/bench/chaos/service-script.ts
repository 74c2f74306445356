import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MeasurementFailure } from '../measurement-failure';

const READY_WITHIN_MS = 400_000;

/** A throw-away service of the `tools` folder: it prints `KEY=address` whenever it takes requests. */
export class ServiceScript implements AsyncDisposable {
  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    readonly address: string,
  ) {}

  static async start(name: string, key: string): Promise<ServiceScript> {
    const child = spawn(process.execPath, [join(toolsFolder(), name)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      // One of its own also where the environment names one: this one will be killed.
      env: { ...process.env, [key]: undefined },
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = await nextLine(name, lines);
    if (!line.startsWith(`${key}=`)) throw new MeasurementFailure(`${name} gave no ${key}`);
    return new ServiceScript(name, child, lines, line.slice(key.length + 1));
  }

  /** Kills the service and starts it again on its data; resolves when it takes requests. */
  async restart(): Promise<void> {
    this.child.kill('SIGUSR2');
    await nextLine(this.name, this.lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exit;
  }
}

async function nextLine(name: string, lines: AsyncIterator<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new MeasurementFailure(`${name} was not ready in ${READY_WITHIN_MS / 1_000} s`));
    }, READY_WITHIN_MS);
  });
  try {
    const { done, value } = await Promise.race([lines.next(), late]);
    if (done === true) throw new MeasurementFailure(`${name} ended`);
    return value;
  } finally {
    clearTimeout(timer);
  }
}

function toolsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'tools');
    if (existsSync(join(candidate, 'throw-away-service.mjs'))) return candidate;
    if (folder === dirname(folder)) throw new MeasurementFailure('there is no tools folder');
  }
}
