import { DEMO_FAULTS, type DemoFault, type DemoFaultName } from '@logbert/contracts';
import type { RandomSource } from './random-source';
import { SHOP_FAULTS } from './shop-faults';

const FIRST_FAULT_MS = 10_000;
const PAUSE_MS = [60_000, 90_000] as const;
const DURATION_MS = [15_000, 20_000] as const;

export interface FaultChange {
  readonly name: DemoFaultName;
  readonly isActive: boolean;
}

/** Which faults are on, until when, and which comes next by itself; times are epoch milliseconds. */
export class FaultBoard {
  isAutomatic = true;
  private readonly activeUntil = new Map<DemoFaultName, number>();
  private readonly wanted: DemoFaultName[] = [];
  private queue: DemoFaultName[] = [...DEMO_FAULTS];
  private nextMs: number;

  /** @param startMs when the shop goes live */
  constructor(
    private readonly random: RandomSource,
    startMs: number,
  ) {
    this.nextMs = startMs + FIRST_FAULT_MS;
  }

  /** Asks for a fault; it begins at the next turn of the clock. */
  switchOn(name: DemoFaultName): void {
    this.wanted.push(name);
  }

  /** Moves the clock and gives what begins and ends with it. A fault asked for while it is on lasts longer. */
  turn(nowMs: number): readonly FaultChange[] {
    const changes: FaultChange[] = [];
    for (const [name, untilMs] of this.activeUntil) {
      if (untilMs > nowMs) continue;
      this.activeUntil.delete(name);
      changes.push({ name, isActive: false });
    }
    if (this.wanted.length === 0 && nowMs >= this.nextMs) this.takeNext(nowMs);
    for (const name of this.wanted.splice(0)) {
      if (!this.activeUntil.has(name)) changes.push({ name, isActive: true });
      this.activeUntil.set(name, nowMs + this.random.int(...DURATION_MS));
      // After any fault the shop gets time to be normal.
      this.nextMs = Math.max(this.nextMs, nowMs + this.random.int(...PAUSE_MS));
    }
    return changes;
  }

  get faults(): readonly DemoFault[] {
    return DEMO_FAULTS.map((name) => ({
      name,
      ...SHOP_FAULTS[name],
      isActive: this.activeUntil.has(name),
      activeUntil: this.activeUntil.get(name) ?? null,
    }));
  }

  private takeNext(nowMs: number): void {
    if (!this.isAutomatic) {
      this.nextMs = nowMs + this.random.int(...PAUSE_MS);
      return;
    }
    if (this.queue.length === 0) this.queue = [...DEMO_FAULTS];
    const next = this.queue.shift();
    if (next !== undefined) this.wanted.push(next);
  }
}
