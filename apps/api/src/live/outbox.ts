import type { Database, StoredEvent } from '@logbert/database';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { DATABASE } from '../storage/database.token';

const PAGE = 500;

/** Follows the outbox from where it stood at start: each event once, in the order of its id. */
@Injectable()
export class Outbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Outbox.name);
  private readonly subject = new Subject<StoredEvent>();
  private lastId = 0;
  private following: Promise<void> | undefined;
  private isBehind = false;
  private stopListening: (() => void) | undefined;

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  get events(): Observable<StoredEvent> {
    return this.subject;
  }

  /** Id of the last event that was handed on. */
  get position(): number {
    return this.lastId;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.lastId = await this.database.repositories.events.latestId();
    this.stopListening = this.database.onEvents(() => this.wake());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopListening?.();
    await this.following;
    this.subject.complete();
  }

  /** One reader at a time; a call while it reads makes it look once more. */
  private wake(): void {
    this.isBehind = true;
    this.following ??= this.catchUp().finally(() => (this.following = undefined));
  }

  private async catchUp(): Promise<void> {
    while (this.isBehind) {
      this.isBehind = false;
      try {
        const page = await this.database.repositories.events.after(this.lastId, PAGE);
        for (const stored of page) {
          this.lastId = stored.id;
          this.subject.next(stored);
        }
        if (page.length === PAGE) this.isBehind = true;
      } catch (error) {
        // The next event, or the listener's reconnection, wakes the reader again.
        this.logger.warn(`the outbox could not be read: ${String(error)}`);
      }
    }
  }
}
