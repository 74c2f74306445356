import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  anomalyStateSchema,
  anomalyVerdictSchema,
  earlyFlagSchema,
  verdictStateSchema,
} from '@logbert/contracts';
import { unpackDocument } from '@logbert/database';
import { Client } from 'pg';
import * as z from 'zod';
import { MeasurementFailure } from '../measurement-failure';
import { readFigures } from '../server-figures';
import { CHAOS_STREAM, type ChaosSite, type RunTopics } from './chaos-site';
import type { Fault } from './faults';
import { KafkaDoor } from './kafka-door';
import { countNames, originOf, readCountedLines } from './line-counts';
import { LINES_AN_ORDER, ORDER_SPACING_MS, type OrderLine } from './order-stream';
import type { Settings } from './server-process';
import { SupervisedServer } from './supervised-server';
import { messageName, messagesOf, type Outcome } from './tally';

/** Two that are always there, so that a partition has somewhere to go. */
const DETECTORS = ['first', 'second'];
const ASK_EVERY_MS = 250;
const PUBLISHED_WITHIN_MS = 60_000;
const PACE_MS = 500;
/** Lines that orders write in that time. */
const PACED_LINES = Math.ceil((PACE_MS / ORDER_SPACING_MS) * LINES_AN_ORDER);

export interface RunPlan {
  readonly name: string;
  readonly lines: readonly OrderLine[];
  /** Each with as many of the lines that are left as the others. */
  readonly faults: readonly Fault[];
  readonly s3OutageMs: number;
  /** No progress for so long is an error. */
  readonly patienceMs: number;
  readonly tell: (step: string) => void;
}

export interface RunResult {
  readonly outcome: Outcome;
  /** Longest time from a fault to when no more lines waited than half of its share. */
  readonly longestRecoveryMs: number;
  /** How often a server ended by itself. */
  readonly ownEnds: number;
  /** Servers that were killed, also when S3 was away; not those that had ended already. */
  readonly kills: number;
  readonly seconds: number;
}

/** Sends lines through detectors, with one fault in each share of them, and gives what was found. */
export async function runChaos(site: ChaosSite, plan: RunPlan): Promise<RunResult> {
  const { settings, topics } = await site.newRun();
  const run = new ChaosRun(site, plan, settings, topics);
  return run.toTheEnd();
}

class ChaosRun {
  private readonly door: KafkaDoor;
  private readonly servers = new Map<string, SupervisedServer>();
  private ownEnds = 0;
  private kills = 0;
  private guests = 0;
  private longestRecoveryMs = 0;

  constructor(
    private readonly site: ChaosSite,
    private readonly plan: RunPlan,
    private readonly settings: Settings,
    private readonly topics: RunTopics,
  ) {
    this.door = new KafkaDoor(site.kafka.address);
  }

  async toTheEnd(): Promise<RunResult> {
    const { lines, faults, tell, name } = this.plan;
    const startedAt = performance.now();
    try {
      for (const detector of DETECTORS) await this.startServer(detector).process();
      let sent = 0;
      const send = async (upTo: number): Promise<void> => {
        await this.door.produce(this.topics.logs, lines.slice(sent, upTo));
        sent = Math.max(sent, Math.min(upTo, lines.length));
      };
      for (const [index, fault] of faults.entries()) {
        const share = Math.floor((lines.length - sent) / (faults.length + 1 - index));
        await send(sent + Math.floor(fault.moment * share));
        const rest = share - Math.floor(fault.moment * share);
        tell(`${name}: ${index + 1} of ${faults.length}, ${fault.kind}, after ${sent} lines`);
        const since = performance.now();
        const goOn = () => send(sent + PACED_LINES);
        await this.whileSending(this.cause(fault), fault, goOn);
        await send(sent + rest);
        await this.untilLag((lag) => lag <= share / 2, `after ${fault.kind}`, goOn);
        this.longestRecoveryMs = Math.max(this.longestRecoveryMs, performance.now() - since);
      }
      await send(lines.length);
      await this.untilLag((lag) => lag === 0, 'at the end');
      await this.untilComplete();
      const kept = await this.door.sizeOf(this.topics.logs);
      if (kept !== lines.length) {
        throw new MeasurementFailure(`${name}: the broker keeps ${kept} of ${lines.length} lines`);
      }
      const outcome = await this.outcome();
      for (const server of this.servers.values()) {
        this.ownEnds += server.ownEnds;
        await server.stop();
      }
      this.servers.clear();
      const { longestRecoveryMs, ownEnds, kills } = this;
      return {
        outcome,
        longestRecoveryMs,
        ownEnds,
        kills,
        seconds: (performance.now() - startedAt) / 1_000,
      };
    } finally {
      for (const server of this.servers.values()) await server[Symbol.asyncDispose]();
    }
  }

  private startServer(name: string): SupervisedServer {
    const { folder } = this.site;
    const server = new SupervisedServer({
      dataDirectory: join(folder, `${this.plan.name}-${name}`),
      logFile: join(folder, `${this.plan.name}-${name}.log`),
      settings: { ...this.settings, LOGBERT__DETECTION__CHECKPOINTMS: '500' },
    });
    this.servers.set(name, server);
    return server;
  }

  /**
   * Lines go on at the pace of their own time, however long a fault takes: orders that fell silent for longer than their
   * stream allows would be complete, and rightly judged as they stand. Only a broker that is away takes none, and nobody
   * hears that there are none.
   */
  private async whileSending(
    causing: Promise<void>,
    { kind }: Fault,
    sendSome: () => Promise<void>,
  ): Promise<void> {
    let isOver = kind === 'broker';
    const caused = causing.finally(() => (isOver = true));
    // Told below; should sending fail first, that is what is told.
    caused.catch(() => undefined);
    while (!isOver) {
      await Promise.race([caused, sleep(PACE_MS)]);
      await sendSome();
    }
    await caused;
  }

  private async cause(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'kill':
        return this.kill(this.victimOf(fault));
      case 'join':
        await this.startServer(`guest-${++this.guests}`).process();
        return;
      case 'leave': {
        const guest = this.servers.get(`guest-${this.guests}`);
        await guest?.stop();
        this.ownEnds += guest?.ownEnds ?? 0;
        this.servers.delete(`guest-${this.guests}`);
        return;
      }
      case 'broker':
        return this.site.kafka.restart();
      case 'database':
        return this.site.postgres.restart();
      case 's3':
        return this.loseModels(fault);
    }
  }

  private async kill(victim: SupervisedServer | undefined): Promise<void> {
    if (await victim?.kill(this.plan.patienceMs)) this.kills++;
    else this.plan.tell(`${this.plan.name}: there was nothing to kill`);
  }

  private async loseModels(fault: Fault): Promise<void> {
    const victim = this.victimOf(fault);
    // One that is still starting would have to wait for S3, and the kill for it.
    await victim?.process();
    this.site.s3.shut();
    // Whoever starts now cannot have its model.
    await this.kill(victim);
    await sleep(this.plan.s3OutageMs);
    this.site.s3.reopen();
  }

  private victimOf({ moment }: Fault): SupervisedServer | undefined {
    return this.servers.get(moment < 0.5 ? 'first' : 'second');
  }

  /** @param sendSome lines go on meanwhile, for the reason that `whileSending` gives; left out, none does */
  private async untilLag(
    fits: (lag: number) => boolean,
    when: string,
    sendSome?: () => Promise<void>,
  ): Promise<void> {
    let best = Infinity;
    let bestAt = performance.now();
    let sentAt = bestAt;
    for (;;) {
      const lag = await this.door.lagOf(this.topics.groupId, this.topics.logs);
      if (fits(lag)) return;
      if (lag < best) [best, bestAt] = [lag, performance.now()];
      if (performance.now() - bestAt > this.plan.patienceMs) {
        throw new MeasurementFailure(`${this.plan.name}: stuck ${when} with ${lag} lines to go`);
      }
      if (sendSome && performance.now() - sentAt >= PACE_MS) {
        sentAt = performance.now();
        await sendSome();
      }
      await sleep(ASK_EVERY_MS);
    }
  }

  /** What is open in the end is judged when it has been silent for long enough; a run in a hurry would miss it. */
  private async untilComplete(): Promise<void> {
    const deadline = performance.now() + this.plan.patienceMs;
    for (;;) {
      let open = 0;
      for (const server of this.servers.values()) {
        open += (await readFigures((await server.process()).url)).openWindows;
      }
      if (open === 0) return;
      if (performance.now() > deadline) {
        throw new MeasurementFailure(`${this.plan.name}: ${open} windows stay open at the end`);
      }
      await sleep(ASK_EVERY_MS);
    }
  }

  private async outcome(): Promise<Outcome> {
    const { counted, anomalies } = await this.readDatabase();
    let published = new Map<number, string>();
    const deadline = performance.now() + PUBLISHED_WITHIN_MS;
    const wanted = new Set(anomalies.flatMap(messagesOf));
    while (new Set(published.values()).size < wanted.size && performance.now() < deadline) {
      const values = await this.door.readAll(this.topics.anomalies);
      const messages = values.map((value) => messageSchema.parse(JSON.parse(value)));
      published = new Map(
        messages.map(({ eventId, id, state, early, verdict }) => [
          eventId,
          messageName({ id, state, isEarly: early !== null, verdict: verdict.state }),
        ]),
      );
      await sleep(ASK_EVERY_MS);
    }
    const deadLetters = (await this.door.readAll(this.topics.deadLetters)).length;
    return {
      sent: countNames(this.plan.lines.map(originOfLine)),
      counted,
      anomalies,
      published,
      deadLetters,
    };
  }

  private async readDatabase(): Promise<Pick<Outcome, 'counted' | 'anomalies'>> {
    const client = new Client({ connectionString: this.settings['LOGBERT__DATABASE__URL'] });
    await client.connect();
    try {
      const counted = await readCountedLines(client, CHAOS_STREAM);
      const found = await client.query(
        `SELECT id, p_value AS "pValue", packed, state, verdict, settled_p_value AS "settledPValue"
           FROM anomalies WHERE stream = $1`,
        [CHAOS_STREAM],
      );
      return {
        counted,
        anomalies: z.array(foundSchema).parse(found.rows),
      };
    } finally {
      await client.end();
    }
  }
}

function originOfLine({ text }: OrderLine): string {
  const { service, timestamp } = lineSchema.parse(JSON.parse(text));
  return originOf(service, Date.parse(timestamp));
}

const lineSchema = z.object({ service: z.string(), timestamp: z.string() });
const messageSchema = z.object({
  eventId: z.int().positive(),
  id: z.string(),
  state: anomalyStateSchema,
  early: earlyFlagSchema.nullable(),
  verdict: anomalyVerdictSchema,
});
const documentSchema = z.object({
  lines: z.array(z.looseObject({ raw: z.string() })),
  early: earlyFlagSchema.nullable(),
});
const foundSchema = z
  .object({
    id: z.string(),
    pValue: z.number(),
    packed: z.instanceof(Uint8Array),
    state: anomalyStateSchema,
    verdict: verdictStateSchema,
    settledPValue: z.number().nullable(),
  })
  .transform(({ packed, ...columns }) => {
    const { lines, early } = documentSchema.parse(unpackDocument(packed));
    const digest = createHash('sha256').update(JSON.stringify(lines)).digest('hex');
    return {
      ...columns,
      lines: digest,
      lineCount: lines.length,
      firstLine: lines[0]?.raw ?? '',
      isEarly: early !== null,
    };
  });
