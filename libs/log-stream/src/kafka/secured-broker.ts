import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const TOOL = join(import.meta.dirname, '../../../../tools/kafka-broker.mjs');

/** A Kafka of a test's own that asks for certificates and passwords. */
export class SecuredBroker implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly addresses: ReadonlyMap<string, string>,
  ) {}

  static async start(): Promise<SecuredBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'logbert-secured-'));
    const child = spawn(process.execPath, [TOOL, '--secured', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, KAFKA_BROKERS: undefined },
    });
    const addresses = new Map<string, string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [key = '', address = ''] = line.split('=');
      addresses.set(key, address);
      if (key === 'KAFKA_BROKERS') return new SecuredBroker(child, folder, addresses);
    }
    rmSync(folder, { recursive: true, force: true });
    throw new Error('the secured Kafka did not start');
  }

  /** Where clients show a certificate. */
  get mutual(): string {
    return this.addresses.get('KAFKA_MUTUAL_TLS') ?? '';
  }

  /** Where clients give a password. */
  get sasl(): string {
    return this.addresses.get('KAFKA_SASL_TLS') ?? '';
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
