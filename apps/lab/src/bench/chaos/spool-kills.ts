import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestReceiptSchema, ROUTES } from '@logbert/contracts';
import { readSpool } from '@logbert/log-stream';
import { Client } from 'pg';
import { RandomSource } from '../../demo/random-source';
import { MeasurementFailure } from '../measurement-failure';
import { ServerProcess, type Settings } from './server-process';
import { ServiceScript } from './service-script';

const STREAM = 'killed';
const SENDERS = 4;
const LINES_AT_ONCE = 200;
const LONGEST_LIFE_MS = 600;
const DONE_WITHIN_MS = 300_000;
const ASK_EVERY_MS = 250;

export interface SpoolTally {
  readonly kills: number;
  readonly requestsAcknowledged: number;
  /** Requests that a kill cut off; their lines may be kept or not. */
  readonly requestsCutOff: number;
  readonly linesAcknowledged: number;
  /** Acknowledged lines that are not on disk after the last start. */
  readonly acknowledgedLost: number;
  /** Lines that are on disk more than once. */
  readonly keptTwice: number;
  /** Lines on disk, fewer those that detection counted; below 0 when some were counted twice. */
  readonly notCounted: number;
}

export function isSpoolClean(tally: SpoolTally): boolean {
  const { linesAcknowledged, acknowledgedLost, keptTwice, notCounted } = tally;
  return linesAcknowledged > 0 && acknowledgedLost === 0 && keptTwice === 0 && notCounted === 0;
}

/** Kills a server again and again while lines are sent to it, and looks for every line that it had answered for. */
export async function killDuringIngest(
  folder: string,
  { kills, seed }: { readonly kills: number; readonly seed: number },
  tell: (step: string) => void,
): Promise<SpoolTally> {
  await using postgres = await ServiceScript.start('postgres.mjs', 'LOGBERT_TEST_POSTGRES');
  const random = new RandomSource(seed);
  const dataDirectory = join(folder, 'spool');
  const settings: Settings = { LOGBERT__DATABASE__URL: postgres.address };
  const start = () =>
    ServerProcess.start({ dataDirectory, settings, logFile: join(folder, 'spool.log') });
  const senders = Array.from({ length: SENDERS }, () => new Sender());
  for (let kill = 0; kill < kills; kill++) {
    await using server = await start();
    const sending = senders.map((sender) => sender.sendUntilCutOff(server.url));
    await sleep(random.int(0, LONGEST_LIFE_MS));
    await server.stop('SIGKILL');
    await Promise.all(sending);
    if (kill % 10 === 9) tell(`spool: ${kill + 1} of ${kills} kills`);
  }
  await using server = await start();
  const read = await linesOnDisk(dataDirectory);
  const counted = await untilCounted(postgres.address, read.length);
  await server.stop();
  const kept = new Set(read);
  const acknowledged = senders.flatMap((sender) => sender.acknowledged);
  return {
    kills,
    requestsAcknowledged: acknowledged.length / LINES_AT_ONCE,
    requestsCutOff: senders.reduce((sum, { cutOff }) => sum + cutOff, 0),
    linesAcknowledged: acknowledged.length,
    acknowledgedLost: acknowledged.filter((id) => !kept.has(id)).length,
    keptTwice: read.length - kept.size,
    notCounted: read.length - counted,
  };
}

/** Sends requests one after the other and remembers the lines that were answered for. */
class Sender {
  readonly acknowledged: string[] = [];
  cutOff = 0;

  async sendUntilCutOff(url: string): Promise<void> {
    for (;;) {
      const ids = Array.from({ length: LINES_AT_ONCE }, () => randomUUID());
      const body = ids.map((id) => `${JSON.stringify({ message: 'order was taken', id })}\n`);
      try {
        const answer = await fetch(`${url}${ROUTES.logs}?stream=${STREAM}`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: body.join(''),
        });
        if (answer.status !== 202) continue;
        const { accepted } = ingestReceiptSchema.parse(await answer.json());
        if (accepted !== ids.length) throw new MeasurementFailure('lines were refused');
      } catch (error) {
        if (error instanceof MeasurementFailure) throw error;
        this.cutOff++;
        return;
      }
      this.acknowledged.push(...ids);
    }
  }
}

/** The id of every line in the spool. */
async function linesOnDisk(dataDirectory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const range = { stream: STREAM, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Infinity };
  const decoder = new TextDecoder();
  for await (const { value } of readSpool(dataDirectory, range)) {
    const { id } = JSON.parse(decoder.decode(value ?? undefined)) as { readonly id: string };
    ids.push(id);
  }
  return ids;
}

/** Lines that detection counted, once they are as many as expected or none were added for long. */
async function untilCounted(database: string, expected: number): Promise<number> {
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    const deadline = performance.now() + DONE_WITHIN_MS;
    for (;;) {
      const { rows } = await client.query<{ counted: number }>(
        'SELECT coalesce(sum(count), 0)::float8 AS counted FROM template_counts WHERE stream = $1',
        [STREAM],
      );
      const counted = rows[0]?.counted ?? 0;
      if (counted >= expected || performance.now() > deadline) return counted;
      await sleep(ASK_EVERY_MS);
    }
  } finally {
    await client.end();
  }
}
