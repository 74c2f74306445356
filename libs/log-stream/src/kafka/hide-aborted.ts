import { createRequire } from 'node:module';

/** As the client library decodes an answer to a fetch. */
interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

export interface FetchedPartition {
  abortedTransactions?: readonly AbortedTransaction[] | null;
  readonly messages: readonly FetchedMessage[];
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface FetchedMessage {
  readonly offset: string;
  readonly key?: Buffer | null;
  isControlRecord?: boolean;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

interface AnswerDecoder {
  decode: (raw: unknown) => Promise<FetchAnswer>;
}

/** Versions of fetches that tell of transactions. */
const VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11];
/** Of the key of a mark, after its version. */
const TYPE_AT = 2;
const ABORT = 0;

let isHiding = false;

/**
 * Has the client library pass over what was aborted.
 *
 * Its own way (`filterAbortedMessages`) takes the aborted transactions for ordered by their beginnings, and enters one a record; brokers
 * tell them in the order of their ends. Of transactions that overlap, records come through that were never committed.
 */
export function hideAborted(): void {
  if (isHiding) return;
  isHiding = true;
  const require = createRequire(import.meta.url);
  const decoders = new Set(
    VERSIONS.map(
      (version) =>
        require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as AnswerDecoder,
    ),
  );
  for (const decoder of decoders) {
    const { decode } = decoder;
    decoder.decode = async (raw) => {
      const answer = await decode(raw);
      for (const { partitions } of answer.responses) partitions.forEach(markAborted);
      return answer;
    };
  }
}

/**
 * Makes marks of the aborted records: those are passed over, and their offsets count.
 *
 * Source: Apache Kafka, `CompletedFetch` of the Java consumer.
 */
export function markAborted(partition: FetchedPartition): void {
  const begun = new Set<string>();
  const waiting = [...(partition.abortedTransactions ?? [])].sort(
    (a, b) => Number(a.firstOffset) - Number(b.firstOffset),
  );
  partition.abortedTransactions = [];
  if (waiting.length === 0) return;
  for (const message of partition.messages) {
    while (waiting[0] && Number(waiting[0].firstOffset) <= Number(message.offset)) {
      begun.add(waiting.shift()?.producerId ?? '');
    }
    const { producerId = '', inTransaction = false } = message.batchContext ?? {};
    if (message.isControlRecord === true) {
      if (isAbort(message)) begun.delete(producerId);
    } else if (inTransaction && begun.has(producerId)) message.isControlRecord = true;
  }
}

function isAbort({ key }: FetchedMessage): boolean {
  return key !== undefined && key !== null && key.length > TYPE_AT + 1
    ? key.readInt16BE(TYPE_AT) === ABORT
    : false;
}
