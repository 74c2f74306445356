import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';
import { eventually } from './http';

/** Whether rsyslog is installed, with a module such as `omkafka`. */
export function hasRsyslog(module: string): boolean {
  if (spawnSync('rsyslogd', ['-v']).error) return false;
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders.some((folder) => existsSync(join('/usr/lib', folder, 'rsyslog', `${module}.so`)));
}

/** A real rsyslog that takes lines on a port of this machine and does with them what a configuration says. */
export class Rsyslog implements AsyncDisposable {
  private output = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    readonly directory: string,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** @param configuration actions and templates; `$DIRECTORY` stands for a folder of its own */
  static async start(configuration: string): Promise<Rsyslog> {
    const directory = await mkdtemp(join(tmpdir(), 'logbert-rsyslog-'));
    const port = await freePort();
    const file = join(directory, 'rsyslog.conf');
    const head = [
      `global(workDirectory="${directory}")`,
      'module(load="imptcp")',
      `input(type="imptcp" address="127.0.0.1" port="${port}")`,
    ];
    await writeFile(
      file,
      [...head, configuration.replaceAll('$DIRECTORY', directory), ''].join('\n'),
    );
    const child = spawn('rsyslogd', ['-n', '-f', file, '-i', join(directory, 'pid')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return new Rsyslog(child, port, directory);
  }

  /** Sends lines in the form of RFC 5424. */
  async send(lines: readonly string[]): Promise<void> {
    await eventually(
      () => this.deliver(`${lines.join('\n')}\n`).catch((error: unknown) => String(error)),
      (answer) => answer === 'sent',
      { withinMs: 10_000 },
    );
  }

  private deliver(text: string): Promise<'sent'> {
    if (this.child.exitCode !== null) throw new Error(`rsyslog ended:\n${this.output}`);
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.end(text));
      socket.once('error', reject);
      socket.once('close', () => resolve('sent'));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await exit;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}
