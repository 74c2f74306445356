import { Client } from 'pg';
import { EVENTS_CHANNEL } from './event-repository';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

/** Holds the connection that hears NOTIFY, and opens another when it is lost. */
export class NotificationListener {
  private client: Client | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(
    private readonly options: {
      readonly url: string;
      readonly onEvent: (id: number) => void;
      readonly latestId: () => Promise<number>;
    },
  ) {}

  async start(): Promise<void> {
    const client = new Client({
      connectionString: this.options.url,
      keepAlive: true,
      application_name: 'logbert-events',
    });
    this.client = client;
    const lost = () => {
      if (this.client === client) this.reopen(FIRST_RETRY_MS);
    };
    client.on('notification', ({ payload }) => this.options.onEvent(Number(payload)));
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      await client.query(`LISTEN ${EVENTS_CHANNEL}`);
    } catch (error) {
      this.client = undefined;
      client.end().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retry);
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private reopen(afterMs: number): void {
    this.client = undefined;
    if (this.isClosed) return;
    this.retry = setTimeout(() => {
      void this.start()
        // What was announced in between was not heard.
        .then(async () => this.options.onEvent(await this.options.latestId()))
        .catch(() => this.reopen(Math.min(afterMs * 2, LAST_RETRY_MS)));
    }, afterMs);
  }
}
