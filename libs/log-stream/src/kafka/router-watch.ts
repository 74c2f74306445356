import type { PartitionLag } from '../log-stream';

const LOOK_EVERY_MS = 1_000;
/** What had come so many looks ago must have been sent on by now. */
const LOOKS = 3;

/** Looks whether the routers of all processes keep up with what comes. */
export class RouterWatch {
  private looks: (readonly PartitionLag[])[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(private readonly lag: () => Promise<readonly PartitionLag[]>) {}

  /** Not known, and therefore not so, in the first seconds and while the brokers do not answer. */
  get isKeepingUp(): boolean {
    const newest = this.looks.at(-1);
    if (newest === undefined || this.looks.length < LOOKS) return false;
    const committed = new Map(newest.map((lag) => [nameOf(lag), lag.committed]));
    return (this.looks[0] ?? []).every((lag) => (committed.get(nameOf(lag)) ?? 0) >= lag.end);
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.looking ??= this.lag()
      .then((lags) => {
        this.looks = [...this.looks, lags].slice(-LOOKS);
      })
      .catch(() => {
        this.looks = [];
      })
      .finally(() => (this.looking = undefined));
  }
}

function nameOf({ source, partition }: PartitionLag): string {
  return `${source}/${partition}`;
}
