import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEMO_FAULTS,
  DEMO_STREAM,
  type DemoFaultName,
  type DemoState,
  streamSettingsSchema,
} from '@logbert/contracts';
import { DemoFailure } from './demo-failure';
import { FaultBoard } from './fault-board';
import { RandomSource } from './random-source';
import type { ServerClient } from './server-client';
import { SHOP_FAULTS } from './shop-faults';
import { ShopTraffic } from './shop-traffic';

const MINUTE_MS = 60_000;
const TICK_MS = 250;
const BACKFILL_BATCH = 2_000;
const JOB_POLL_MS = 500;

/** How the server is asked to read the shop's logs. */
export const SHOP_SETTINGS = streamSettingsSchema.parse({
  format: { kind: 'auto' },
  sessionKey: { fields: ['request_id'], pattern: '\\breq-[0-9a-f]{12}\\b' },
  window: { kind: 'session', idleMs: 3_000, maxLength: 48 },
  alertBudget: 0.005,
});

export interface DemoSettings {
  readonly backfillMinutes: number;
  readonly seed: number;
}

/** The life of the demo shop: send its past, have a model trained on it, then live and break now and then. */
export class DemoShop {
  private phase: DemoState['phase'] = 'backfilling';
  private board: FaultBoard | undefined;
  private isAutomatic = true;
  private readonly wanted: DemoFaultName[] = [];

  constructor(
    private readonly settings: DemoSettings,
    private readonly client: ServerClient,
    private readonly announce: (state: DemoState) => void,
    private readonly say: (text: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** @returns when the signal is aborted; throws DemoFailure when the server cannot do its part */
  async run(): Promise<void> {
    try {
      const stream = await this.client.configureStream(DEMO_STREAM, SHOP_SETTINGS);
      if (stream.activeModelId === null) await this.prepare();
      else this.say(`${DEMO_STREAM} has a model already: no backfill, no training`);
      await this.live();
    } catch (error) {
      this.enter('stopped');
      if (!this.signal.aborted) throw error;
    }
  }

  /** Switches a fault on; before the shop is live it waits for that moment. */
  switchOn(name: DemoFaultName): void {
    if (this.board) this.board.switchOn(name);
    else this.wanted.push(name);
  }

  setAutomatic(isAutomatic: boolean): void {
    this.isAutomatic = isAutomatic;
    if (this.board) this.board.isAutomatic = isAutomatic;
    this.tell();
  }

  private async prepare(): Promise<void> {
    this.enter('backfilling');
    const fromMs = Date.now();
    const startMs = fromMs - this.settings.backfillMinutes * MINUTE_MS;
    const past = new ShopTraffic({ seed: this.settings.seed, startMs });
    const lines = past.until(fromMs).map(({ text }) => text);
    for (let start = 0; start < lines.length; start += BACKFILL_BATCH) {
      await this.send(lines.slice(start, start + BACKFILL_BATCH));
    }
    const toMs = Date.now() + 1;
    this.say(`sent ${lines.length} lines of the last ${this.settings.backfillMinutes} minutes`);

    this.enter('training');
    const source = { kind: 'stream' as const, fromMs, toMs };
    let job = await this.client.train({ stream: DEMO_STREAM, source, options: {} });
    while (job.state === 'queued' || job.state === 'running') {
      await sleep(JOB_POLL_MS, undefined, { signal: this.signal });
      job = await this.client.trainingJob(job.id);
    }
    if (job.state !== 'succeeded') {
      throw new DemoFailure(`training ${job.state}: ${job.error?.message ?? 'no reason given'}`);
    }
    this.say(`model ${job.modelId ?? ''} is trained in ${(Date.now() - toMs) / 1_000} s`);
  }

  private async live(): Promise<void> {
    const startMs = Date.now();
    // Another day than the backfill: the same seed would repeat it line by line.
    const traffic = new ShopTraffic({ seed: this.settings.seed ^ (startMs >>> 0), startMs });
    const board = new FaultBoard(new RandomSource(this.settings.seed), startMs);
    board.isAutomatic = this.isAutomatic;
    for (const name of this.wanted.splice(0)) board.switchOn(name);
    this.board = board;
    this.enter('live');

    for (;;) {
      await sleep(TICK_MS, undefined, { signal: this.signal });
      const nowMs = Date.now();
      const lines = traffic.until(nowMs).map(({ text }) => text);
      const changes = board.turn(nowMs);
      for (const { name, isActive } of changes) {
        if (isActive) traffic.begin(name);
        else traffic.end(name);
        this.say(`${SHOP_FAULTS[name].title}: ${isActive ? 'begins' : 'ends'}`);
      }
      if (changes.length > 0) this.tell();
      if (lines.length > 0) await this.send(lines);
    }
  }

  private async send(lines: readonly string[]): Promise<void> {
    const { rejected, reasons } = await this.client.sendLines(DEMO_STREAM, lines);
    if (rejected === 0) return;
    throw new DemoFailure(`${rejected} lines were rejected: ${reasons[0]?.reason ?? ''}`);
  }

  private enter(phase: DemoState['phase']): void {
    this.phase = phase;
    this.tell();
  }

  private tell(): void {
    const faults =
      this.board?.faults ??
      DEMO_FAULTS.map((name) => ({
        name,
        ...SHOP_FAULTS[name],
        isActive: false,
        activeUntil: null,
      }));
    this.announce({ phase: this.phase, isAutomatic: this.isAutomatic, faults });
  }
}
