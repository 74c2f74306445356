import type { Failure } from '@logbert/failure';
import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { sleep } from '../batch-delivery';
import type { RawRecord, RecordBatch } from '../log-stream';
import { BrokerFailure, RecordTooLargeFailure } from '../log-stream-failures';
import type { Report } from '../stream-notice';
import { sendDeadLetter } from './dead-letter-messages';
import { committedOffset } from './group-offsets';
import { inParts } from './message-parts';
import type { RenewableAdmin } from './renewable-admin';
import { translateSendError } from './translate-kafka-error';

const ALL_REPLICAS = -1;
/** A transaction that a dead process left open keeps readers waiting no longer. */
const TRANSACTION_TIMEOUT_MS = 15_000;
/** How long a broker may take from the end of a transaction to telling the positions that it committed. */
const SETTLED_WITHIN_MS = 200;

/** The end of the transaction before is written behind the answer; the next is refused meanwhile, for milliseconds. */
const RETRY = { initialRetryTime: 10, retries: 10, maxRetryTime: 1_000 };

/** Records that are rather passed over than skipped by fetching from elsewhere. */
const FAR = 100_000;

export interface RoutedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Group of the routers, whose positions are committed with what was sent on. */
  readonly groupId: string;
  /** Where a group without positions begins: at those of this one. */
  readonly formerGroupId: string;
  readonly deadLetterTopic: string;
}

/** Messages of one partition of a topic. */
export interface OutgoingPart {
  readonly topic: string;
  readonly messages: readonly Message[];
}

/**
 * Sends on what comes in one partition, each record once: messages and the position after them are one transaction.
 *
 * The transactional id belongs to the partition, not to the process: whoever begins to send takes it over, which ends
 * the transactions of an owner of before and refuses its later ones. Only then the position is read.
 */
export class PartitionRouter {
  private producer: Producer | undefined;
  private position: number | undefined;
  private sentBackTo: number | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: Kafka,
    private readonly admin: RenewableAdmin,
    private readonly place: RoutedPartition,
    private readonly report: Report,
  ) {}

  /** @param partsOf what to send on of the records that were not sent on yet */
  route(
    batch: RecordBatch,
    partsOf: (records: readonly RawRecord[]) => Promise<readonly OutgoingPart[]>,
  ): Promise<void> {
    return this.inTurn(async () => {
      if (batch.signal.aborted) return;
      const position = await this.positionFor(batch);
      if (position === undefined) return;
      const fresh = batch.records.filter(({ offset }) => offset >= position);
      if (batch.nextOffset > position) await this.send(await partsOf(fresh), batch.nextOffset);
      batch.release(batch.nextOffset);
    });
  }

  /** Has a record among the dead letters, and the position after it, in one transaction. */
  park(record: RawRecord, reason: string, nextOffset: number): Promise<void> {
    const { deadLetterTopic: topic } = this.place;
    return this.inTurn(async () => {
      const position = (await this.takeOver()) ?? record.offset;
      if (nextOffset <= position) return;
      await sendDeadLetter(record, reason, async (letter) => {
        await this.takeOver();
        await this.send([{ topic, messages: [letter] }], nextOffset);
      });
    });
  }

  close(): Promise<void> {
    return this.inTurn(() => this.giveUp());
  }

  /**
   * A partition that was lost and given back may still be at work for the epoch before: a position holds only as long as
   * nobody else sends.
   */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.turn.catch(() => undefined).then(work);
    this.turn = turn;
    return turn;
  }

  private async giveUp(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }

  /** Where to go on; undefined when the partition is delivered again from there. */
  private async positionFor(batch: RecordBatch): Promise<number | undefined> {
    const position = (await this.takeOver()) ?? batch.firstOffset;
    const { topic, partition } = this.place;
    if (batch.highWatermark < position) {
      this.warn(`${topic}/${partition} ends before ${position} and begins anew`);
      this.position = batch.firstOffset;
      return this.position;
    }
    const isElsewhere = batch.firstOffset > position || batch.nextOffset + FAR < position;
    if (!isElsewhere) {
      this.sentBackTo = undefined;
      return position;
    }
    if (this.sentBackTo !== position) {
      // Only once: records that are gone for good cannot be gone back to.
      this.sentBackTo = position;
      batch.goBackTo(position);
      return undefined;
    }
    if (batch.firstOffset > position) {
      this.warn(`${topic}/${partition} is gone from ${position} to ${batch.firstOffset}`);
    }
    return Math.max(position, batch.firstOffset);
  }

  /** The position after what was sent on, by whomever; undefined when nothing was. */
  private async takeOver(): Promise<number | undefined> {
    if (this.producer !== undefined) return this.position;
    try {
      this.producer = await this.fencingProducer();
      this.position = await this.settledPosition();
      return this.position;
    } catch (error) {
      await this.giveUp();
      throw worthATry(`taking over ${this.place.topic}/${this.place.partition}`, error);
    }
  }

  private async fencingProducer(): Promise<Producer> {
    const { groupId, topic, partition } = this.place;
    const producer = this.client.producer({
      transactionalId: `${groupId}/${topic}/${partition}`,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
    await producer.connect();
    // The id is taken over with the first transaction; this one has nothing in it.
    await (await producer.transaction()).abort();
    return producer;
  }

  /**
   * Brokers before Kafka 4 may tell a former position for a moment after the transaction that moved it has ended, and the
   * client library cannot ask for a stable one: so it is read until it stays.
   */
  private async settledPosition(): Promise<number | undefined> {
    const { topic, partition, groupId, formerGroupId } = this.place;
    const place = { topic, partition };
    let before = await committedOffset(this.admin.now, groupId, place);
    for (;;) {
      await sleep(SETTLED_WITHIN_MS);
      const now = await committedOffset(this.admin.now, groupId, place);
      if (now === before) break;
      before = now;
    }
    return before ?? committedOffset(this.admin.now, formerGroupId, place);
  }

  /** After a failure it is not known what the brokers have: the next try takes over anew. */
  private async send(parts: readonly OutgoingPart[], nextOffset: number): Promise<void> {
    const { topic, partition, groupId } = this.place;
    const { producer } = this;
    if (producer === undefined) throw new TypeError('nothing is sent before it was taken over');
    try {
      const transaction = await producer.transaction();
      try {
        // One after the other: a partition is added to a transaction while no other is being added.
        for (const part of parts) {
          for (const { messages } of inParts(part.messages)) {
            await transaction.send({
              topic: part.topic,
              acks: ALL_REPLICAS,
              messages: [...messages],
            });
          }
        }
        const offsets = [{ partition, offset: String(nextOffset) }];
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic, partitions: offsets }],
        });
        await transaction.commit();
      } catch (error) {
        if (transaction.isActive()) await transaction.abort().catch(() => undefined);
        throw error;
      }
      this.position = nextOffset;
    } catch (error) {
      await this.giveUp();
      throw worthATry(`sending on what came in ${topic}/${partition}`, error);
    }
  }

  private warn(message: string): void {
    this.report({ kind: 'client', level: 'warn', message });
  }
}

/** No record is to blame for what brokers refuse, save one that is too large. */
function worthATry(doing: string, error: unknown): Failure {
  const failure = translateSendError(doing, error);
  if (failure.retriable || failure instanceof RecordTooLargeFailure) return failure;
  return new BrokerFailure(failure.message, { cause: error });
}
