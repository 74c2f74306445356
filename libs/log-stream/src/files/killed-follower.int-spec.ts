import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, renameSync, truncateSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const KILLS = 15;
const WITHIN_MS = 60_000;

interface Delivered {
  readonly offset: number;
  readonly receivedAtMs: number;
  readonly text: string;
}

describe('a process that follows a log and is killed again and again', () => {
  let directory: string;
  let program: string;

  beforeAll(async () => {
    // Beside the packages that it imports.
    const cache = fileURLToPath(new URL('../../../../node_modules/.cache/', import.meta.url));
    await mkdir(cache, { recursive: true });
    program = await mkdtemp(join(cache, 'follower-'));
    directory = await mkdtemp(join(tmpdir(), 'logbert-killed-'));
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: {
        alias: { '@logbert/contracts': room('contracts'), '@logbert/failure': room('failure') },
      },
      build: {
        ssr: fileURLToPath(new URL('follower-program.ts', import.meta.url)),
        outDir: program,
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'main.mjs' } },
      },
    });
  });
  afterAll(async () => {
    await rm(program, { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
  });

  it.each([
    ['renamed', (log: string) => renameSync(log, `${log}.1`)],
    [
      'copied and emptied',
      (log: string) => {
        copyFileSync(log, `${log}.1`);
        truncateSync(log);
      },
    ],
  ])(
    'loses no line and doubles none while the log is %s',
    async (name, rotateOne) => {
      const logs = join(directory, name);
      await mkdir(logs);
      const log = join(logs, 'app.log');
      const notes = join(directory, `${name}.notes`);
      const data = join(directory, `${name}.data`);
      const start = () => fork(join(program, 'main.mjs'), [data, log, notes], { stdio: 'inherit' });
      const until = async (isEnough: (delivered: readonly Delivered[]) => boolean) => {
        const deadline = Date.now() + WITHIN_MS;
        while (!isEnough(await deliveredIn(notes)) && Date.now() < deadline) await sleep(20);
      };

      const writer = new RotatingWriter(log, rotateOne);
      await writer.write();
      let writing = Promise.resolve();
      for (let kill = 0; kill < KILLS; kill++) {
        const { length } = await deliveredIn(notes);
        const child = start();
        await until((delivered) => delivered.length > length);
        if (kill === 0) writing = writer.writeUntilStopped();
        await sleep(37 * kill);
        await end(child);
        await sleep(11 * kill);
      }
      writer.stop();
      await writing;
      const last = start();
      const { length } = writer.lines;
      await until((delivered) => new Set(delivered.map(({ text }) => text)).size >= length);
      await end(last);
      expect(differences(writer.lines, await deliveredIn(notes))).toEqual({
        lost: [],
        doubled: [],
        outOfOrder: [],
        changed: [],
      });
      expect(readdirSync(logs).length).toBeGreaterThan(KILLS);
    },
    2 * WITHIN_MS,
  );
});

function room(name: string): string {
  return fileURLToPath(new URL(`../../../${name}/src/index.ts`, import.meta.url));
}

/** Writes numbered lines and rotates its log again and again, as a program and logrotate do together. */
class RotatingWriter {
  readonly lines: string[] = [];
  private isStopped = false;
  private turns = 0;
  private rotations = 0;

  constructor(
    private readonly log: string,
    private readonly rotate: (log: string) => void,
  ) {}

  async writeUntilStopped(): Promise<void> {
    while (!this.isStopped) {
      await this.write();
      await sleep(this.turns % 13);
      if (this.turns % 40 === 0) this.rotateAll();
    }
  }

  async write(): Promise<void> {
    const turn = this.turns++;
    const lines = Array.from({ length: 1 + (turn % 30) }, (_, place) => `turn ${turn}, ${place}`);
    await appendFile(this.log, lines.map((line) => `${line}\n`).join(''));
    this.lines.push(...lines);
  }

  stop(): void {
    this.isStopped = true;
  }

  private rotateAll(): void {
    for (let age = this.rotations++; age > 0; age--) {
      renameSync(`${this.log}.${age}`, `${this.log}.${age + 1}`);
    }
    this.rotate(this.log);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function deliveredIn(notes: string): Promise<readonly Delivered[]> {
  const text = await readFile(notes, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return (
    whole
      .split('\n')
      // What a kill tore off ends otherwise; it is delivered again.
      .filter((line) => line.includes('"offset"') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Delivered)
  );
}

/** What is wrong with what was delivered, the first of each kind. */
function differences(
  written: readonly string[],
  delivered: readonly Delivered[],
): Readonly<Record<string, readonly string[]>> {
  const byOffset = new Map(delivered.map((line) => [line.offset, line]));
  const lines = [...byOffset.values()].sort((one, other) => one.offset - other.offset);
  const texts = lines.map(({ text }) => text);
  const places = new Map(written.map((text, place) => [text, place]));
  const placeOf = (text: string | undefined) => places.get(text ?? '') ?? -1;
  const known = new Set(texts);
  const seen = new Set<string>();
  const first = (found: readonly string[]) => found.slice(0, 5);
  return {
    lost: first(written.filter((text) => !known.has(text))),
    doubled: first(texts.filter((text) => seen.size === seen.add(text).size)),
    outOfOrder: first(texts.filter((text, place) => placeOf(text) < placeOf(texts[place - 1]))),
    changed: first(
      delivered.flatMap(({ offset, receivedAtMs, text }) => {
        const last = byOffset.get(offset);
        const isSame = last?.text === text && last.receivedAtMs === receivedAtMs;
        return isSame ? [] : [`${offset}: ${text} at ${receivedAtMs}`];
      }),
    ),
  };
}
