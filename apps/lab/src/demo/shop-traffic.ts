import type { DemoFaultName } from '@logbert/contracts';
import { RandomSource } from './random-source';
import {
  addToCart,
  browse,
  checkHealth,
  deployBadly,
  guessPassword,
  keepHouse,
  logIn,
  order,
  search,
  type ShopFlow,
} from './shop-flows';
import { type ShopEvent, writeLine } from './shop-line';
import { ShopRequest } from './shop-request';

/** How often each flow is taken, in shares of all requests. */
const FLOWS: readonly (readonly [share: number, flow: ShopFlow])[] = [
  [0.28, browse],
  [0.1, search],
  [0.24, addToCart],
  [0.27, order],
  [0.07, logIn],
  [0.02, checkHealth],
  [0.02, keepHouse],
];

const REQUESTS_PER_SECOND = 4.2;
const GUESSES_PER_SECOND = 2.5;

export interface ShopLine extends ShopEvent {
  /** The line as the service writes it. */
  readonly text: string;
}

/**
 * The logs of an online shop of five services, on a clock that the caller moves.
 *
 * Requests arrive at random (a Poisson process) and overlap; each says its lines in its own order. The same
 * seed, start and faults at the same times give the same lines.
 */
export class ShopTraffic {
  private readonly random: RandomSource;
  private readonly active = new Set<DemoFaultName>();
  private pending: ShopEvent[] = [];
  private nowMs: number;
  private nextVisitMs: number;
  private nextGuessMs = Infinity;

  constructor(settings: { readonly seed: number; readonly startMs: number }) {
    this.random = new RandomSource(settings.seed);
    this.nowMs = settings.startMs;
    this.nextVisitMs = settings.startMs + this.random.waiting(1_000 / REQUESTS_PER_SECOND);
  }

  /** Requests that arrive from now on meet this fault; those under way are not changed. */
  begin(fault: DemoFaultName): void {
    if (this.active.has(fault)) return;
    this.active.add(fault);
    if (fault === 'bad-deploy') this.serve(deployBadly, this.nowMs);
    if (fault === 'credential-failures') this.nextGuessMs = this.nowMs;
  }

  end(fault: DemoFaultName): void {
    this.active.delete(fault);
    if (fault === 'credential-failures') this.nextGuessMs = Infinity;
  }

  /** Moves the clock and gives the lines written since it was moved last, in order of time. */
  until(nowMs: number): readonly ShopLine[] {
    for (;;) {
      const arrivalMs = Math.min(this.nextVisitMs, this.nextGuessMs);
      if (arrivalMs > nowMs) break;
      if (this.nextGuessMs <= this.nextVisitMs) {
        this.serve(guessPassword, arrivalMs);
        this.nextGuessMs += this.random.waiting(1_000 / GUESSES_PER_SECOND);
      } else {
        this.serve(this.chooseFlow(), arrivalMs);
        this.nextVisitMs += this.random.waiting(1_000 / REQUESTS_PER_SECOND);
      }
    }
    this.nowMs = Math.max(this.nowMs, nowMs);
    const due = this.pending.filter(({ atMs }) => atMs <= nowMs);
    this.pending = this.pending.filter(({ atMs }) => atMs > nowMs);
    // Sorting is stable, so lines of one millisecond keep the order of their request.
    due.sort((one, other) => one.atMs - other.atMs);
    return due.map((event) => ({ ...event, text: writeLine(event) }));
  }

  private serve(flow: ShopFlow, arrivalMs: number): void {
    const request = new ShopRequest(this.random, arrivalMs);
    flow(request, (fault) => this.active.has(fault));
    this.pending.push(...request.events);
  }

  private chooseFlow(): ShopFlow {
    let rest = this.random.next();
    for (const [share, flow] of FLOWS) {
      rest -= share;
      if (rest < 0) return flow;
    }
    return browse;
  }
}
