import type { Failure } from '@logbert/failure';
import { Partitioners, type Kafka, type Message, type Producer } from 'kafkajs';
import { BrokerFailure, BrokerSetupFailure, LogStreamClosedFailure } from '../log-stream-failures';
import { inParts, type MessagePart, SEND_BYTES } from './message-parts';
import { translateKafkaError, translateSendError } from './translate-kafka-error';

/** Messages that wait for the brokers; more are refused instead of kept in memory. */
const MAX_WAITING_BYTES = 64 * 1_024 * 1_024;
const ALL_REPLICAS = -1;

interface Waiting {
  readonly messages: readonly Message[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What waits in all topics together. */
interface Backlog {
  bytes: number;
}

/** Publishes to topics that have nothing to do with each other: one that is gone or slow does not hold up the rest. */
export class KafkaPublisher {
  private readonly topics = new Map<string, TopicPublisher>();
  private readonly backlog: Backlog = { bytes: 0 };
  private isClosed = false;

  constructor(private readonly client: Kafka) {}

  /** Resolves when all of the messages are durable; after a failure some of them may be. */
  async publish(topic: string, messages: readonly Message[]): Promise<void> {
    if (this.isClosed) throw new LogStreamClosedFailure();
    let publisher = this.topics.get(topic);
    if (!publisher) {
      publisher = new TopicPublisher(this.client, topic, this.backlog);
      this.topics.set(topic, publisher);
    }
    await publisher.publish(messages);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.topics.values()].map((publisher) => publisher.close()));
  }
}

/**
 * Sends in turns: what is published while the brokers are busy shares the next request, as many
 * small appends do. Every replica has a message when its promise resolves.
 */
class TopicPublisher {
  private readonly waiting: Waiting[] = [];
  private producer: Promise<Producer> | undefined;
  private sending: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly client: Kafka,
    private readonly topic: string,
    private readonly backlog: Backlog,
  ) {}

  /** Resolves when all of the messages are durable; after a failure some of them may be. */
  async publish(messages: readonly Message[]): Promise<void> {
    const parts = inParts(messages).map((part) => this.enqueue(part));
    const outcomes = await Promise.allSettled(parts);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.sending;
    const producer = await this.producer?.catch(() => undefined);
    await producer?.disconnect().catch(() => undefined);
  }

  private enqueue(part: MessagePart): Promise<void> {
    if (this.isClosed) return Promise.reject(new LogStreamClosedFailure());
    if (this.backlog.bytes > MAX_WAITING_BYTES) {
      return Promise.reject(new BrokerFailure('The Kafka brokers do not keep up'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...part, resolve, reject });
      this.backlog.bytes += part.bytes;
      this.sending ??= this.send().finally(() => (this.sending = undefined));
    });
  }

  private async send(): Promise<void> {
    // Let what is published in this turn of the event loop come together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        const producer = await this.connected();
        await producer.sendBatch({
          acks: ALL_REPLICAS,
          topicMessages: group.map(({ messages }) => ({
            topic: this.topic,
            messages: [...messages],
          })),
        });
        for (const { resolve } of group) resolve();
      } catch (error) {
        await this.renewProducer();
        const doing = `publishing to ${this.topic}`;
        const failure = translateSendError(doing, error);
        for (const { reject } of group) reject(failure);
        // A topic that is gone is so for all that waits for it, and would keep the others' room.
        if (translateKafkaError(doing, error) instanceof BrokerSetupFailure) this.refuse(failure);
      }
    }
  }

  private refuse(failure: Failure): void {
    for (const { bytes, reject } of this.waiting.splice(0)) {
      this.backlog.bytes -= bytes;
      reject(failure);
    }
  }

  private takeGroup(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const part of this.waiting) {
      if (count > 0 && bytes + part.bytes > SEND_BYTES) break;
      bytes += part.bytes;
      count++;
    }
    this.backlog.bytes -= bytes;
    return this.waiting.splice(0, count);
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.buildProducer();
    return this.producer;
  }

  private async buildProducer(): Promise<Producer> {
    const producer = this.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 4, initialRetryTime: 200 },
    });
    await producer.connect();
    return producer;
  }

  /**
   * After a failure it is not known which messages were written. With the same producer the next ones
   * would get their sequence numbers, and the broker would drop them as repetitions.
   */
  private async renewProducer(): Promise<void> {
    const failed = this.producer;
    this.producer = undefined;
    const producer = await failed?.catch(() => undefined);
    await producer?.disconnect().catch(() => undefined);
  }
}
