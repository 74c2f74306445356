import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestReceiptSchema, ROUTES } from '@logbert/contracts';
import { readSpool } from '@logbert/log-stream';
import { Client } from 'pg';
import { z } from 'zod';
import { RandomSource } from '../../demo/random-source';
import { MeasurementFailure } from '../measurement-failure';
import {
  compareCounts,
  countByOrigin,
  countNames,
  type LineCounts,
  originOf,
  readCountedLines,
} from './line-counts';
import { ServerProcess, type Settings } from './server-process';
import { ServiceScript } from './service-script';

const STREAM = 'killed';
const SENDERS = 4;
const LINES_AT_ONCE = 200;
const LONGEST_LIFE_MS = 600;
const DONE_WITHIN_MS = 300_000;
const ASK_EVERY_MS = 250;
/** Lines of so many lives of the server in turn name services of their own; in a bucket of counts there are fewer lives. */
const LIVES_APART = 10;

export interface SpoolTally {
  /** Those that ended a server, and not one that had ended by itself. */
  readonly kills: number;
  readonly requestsAcknowledged: number;
  /** Requests that a kill cut off; their lines may be kept or not. */
  readonly requestsCutOff: number;
  readonly linesAcknowledged: number;
  /** Acknowledged lines that are not on disk after the last start. */
  readonly acknowledgedLost: number;
  /** Lines that are on disk more than once. */
  readonly keptTwice: number;
  /** Lines on disk that detection did not count; those of one life of the server never make up for those of another. */
  readonly notCounted: number;
  readonly countedTwice: number;
}

export function isSpoolClean(tally: SpoolTally): boolean {
  const { linesAcknowledged, acknowledgedLost, keptTwice, notCounted, countedTwice } = tally;
  return linesAcknowledged > 0 && acknowledgedLost + keptTwice + notCounted + countedTwice === 0;
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
  let struck = 0;
  for (let kill = 0; kill < kills; kill++) {
    await using server = await start();
    const service = `life-${kill % LIVES_APART}`;
    const sending = senders.map((sender) => sender.sendUntilCutOff(server.url, service));
    await sleep(random.int(0, LONGEST_LIFE_MS));
    if (await server.kill()) struck++;
    await Promise.all(sending);
    if (kill % 10 === 9) tell(`spool: ${kill + 1} of ${kills} kills`);
  }
  await using server = await start();
  const read = await linesOnDisk(dataDirectory);
  const origins = countNames(read.map(({ origin }) => origin));
  const { lost, twice } = await untilCounted(postgres.address, origins);
  await server.stop();
  const kept = new Set(read.map(({ id }) => id));
  const acknowledged = senders.flatMap((sender) => sender.acknowledged);
  return {
    kills: struck,
    requestsAcknowledged: acknowledged.length / LINES_AT_ONCE,
    requestsCutOff: senders.reduce((sum, { cutOff }) => sum + cutOff, 0),
    linesAcknowledged: acknowledged.length,
    acknowledgedLost: acknowledged.filter((id) => !kept.has(id)).length,
    keptTwice: read.length - kept.size,
    notCounted: lost,
    countedTwice: twice,
  };
}

/** Sends requests one after the other and remembers the lines that were answered for. */
class Sender {
  readonly acknowledged: string[] = [];
  cutOff = 0;

  /** @param service that the lines name */
  async sendUntilCutOff(url: string, service: string): Promise<void> {
    for (;;) {
      const ids = Array.from({ length: LINES_AT_ONCE }, () => randomUUID());
      const message = 'order was taken';
      const body = ids.map((id) => `${JSON.stringify({ message, service, id })}\n`);
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

interface KeptLine {
  readonly id: string;
  /** See `originOf`; lines tell no time, and have that at which they were received. */
  readonly origin: string;
}

const sentSchema = z.object({ id: z.string(), service: z.string() });

/** Every line in the spool. */
async function linesOnDisk(dataDirectory: string): Promise<readonly KeptLine[]> {
  const lines: KeptLine[] = [];
  const range = { stream: STREAM, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Infinity };
  const decoder = new TextDecoder();
  for await (const { value, receivedAtMs } of readSpool(dataDirectory, range)) {
    const { id, service } = sentSchema.parse(JSON.parse(decoder.decode(value)));
    lines.push({ id, origin: originOf(service, receivedAtMs) });
  }
  return lines;
}

/** How what detection counted differs from what was expected, once nothing is missing or nothing was added for long. */
async function untilCounted(
  database: string,
  expected: LineCounts,
): Promise<ReturnType<typeof compareCounts>> {
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    const deadline = performance.now() + DONE_WITHIN_MS;
    for (;;) {
      const found = compareCounts(expected, countByOrigin(await readCountedLines(client, STREAM)));
      if (found.lost === 0 || performance.now() > deadline) return found;
      await sleep(ASK_EVERY_MS);
    }
  } finally {
    await client.end();
  }
}
