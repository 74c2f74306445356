import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { ask, eventually } from './http';
import { freePort } from './free-port';

const FOLDER = fileURLToPath(new URL('../../../prometheus/', import.meta.url));
const READY_WITHIN_MS = 30_000;

const querySchema = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});
const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            name: z.string(),
            health: z.string(),
            lastError: z.string().optional(),
            state: z.string(),
          }),
        ),
      }),
    ),
  }),
});

export function hasPrometheus(): boolean {
  return !spawnSync('prometheus', ['--version']).error;
}

/** A real Prometheus with the project's configuration and rules, scraping one server every second. */
export class Prometheus implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly directory: string,
  ) {}

  static async start(target: string): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), 'logbert-prometheus-'));
    cpSync(FOLDER, directory, { recursive: true });
    const file = join(directory, 'prometheus.yml');
    const configuration = parse(readFileSync(file, 'utf8'));
    configuration.global = { scrape_interval: '1s', evaluation_interval: '1s' };
    configuration.scrape_configs = configuration.scrape_configs
      .filter(({ job_name }: { job_name: string }) => job_name === 'logbert')
      .map((job: object) => ({ ...job, static_configs: [{ targets: [target] }] }));
    writeFileSync(file, stringify(configuration));

    const port = await freePort();
    const child = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`, directory);
    await eventually(
      () => prometheus.query('up{job="logbert"} == 1').catch(() => []),
      (found) => found.length === 1,
      { withinMs: READY_WITHIN_MS },
    );
    return prometheus;
  }

  /** The labels of each series that a query gives; an error in the query fails the test. */
  async query(expression: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const answer = await ask(
      `${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`,
      querySchema,
    );
    return answer.data.result.map(({ metric }) => metric);
  }

  async rules() {
    const answer = await ask(`${this.url}/api/v1/rules`, rulesSchema);
    return answer.data.groups.flatMap(({ rules }) => rules);
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
