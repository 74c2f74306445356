import type { Admin, Kafka } from 'kafkajs';

/**
 * The admin client. That of the library asks for every topic that it has ever been asked about, and fails for all of them once one is
 * gone: another one takes its place then.
 */
export class RenewableAdmin {
  private renewing: Promise<void> | undefined;

  constructor(
    private readonly client: Kafka,
    private admin: Admin,
  ) {}

  get now(): Admin {
    return this.admin;
  }

  /** @throws what the library throws when no broker answers; the one before stays then */
  renew(): Promise<void> {
    this.renewing ??= this.replace().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  async close(): Promise<void> {
    await this.renewing?.catch(() => undefined);
    await this.admin.disconnect().catch(() => undefined);
  }

  private async replace(): Promise<void> {
    const next = this.client.admin(ADMIN_RETRY);
    await next.connect();
    const former = this.admin;
    this.admin = next;
    await former.disconnect().catch(() => undefined);
  }
}

export const ADMIN_RETRY = { retry: { retries: 2, initialRetryTime: 200 } } as const;
