import type { Admin } from 'kafkajs';
import { backoff, sleep } from '../batch-delivery';
import type { PartitionLag } from '../log-stream';

const OFFSET_TRIES = 5;

/** What a consumer group has not committed yet, by partition. */
export async function lagOf(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<readonly PartitionLag[]> {
  const groups = await admin.fetchOffsets({ groupId, topics: [...topics] });
  const lags = topics.map(async (source) => {
    const committedOf = new Map(
      groups
        .find(({ topic }) => topic === source)
        ?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
    );
    return (await offsetsOf(admin, source)).map(({ partition, high, low }) => {
      const end = Number(high);
      // −1: the group has committed nothing yet and would begin at the oldest record.
      const committed = Math.max(committedOf.get(partition) ?? -1, Number(low));
      return { source, partition, committed, end, lag: Math.max(0, end - committed) };
    });
  });
  return (await Promise.all(lags)).flat();
}

/** What a group has committed of a partition; undefined when nothing. */
export async function committedOffset(
  admin: Admin,
  groupId: string,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): Promise<number | undefined> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const offset = found?.partitions.find((one) => one.partition === partition)?.offset ?? -1;
  return Number(offset) < 0 ? undefined : Number(offset);
}

/** Where a topic's partitions begin and end; a broker that is not their leader yet, or any more, is asked again. */
export async function offsetsOf(
  admin: Admin,
  topic: string,
): ReturnType<Admin['fetchTopicOffsets']> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await admin.fetchTopicOffsets(topic);
    } catch (error) {
      const isMoving = error instanceof Error && 'retriable' in error && error.retriable === true;
      if (!isMoving || attempt === OFFSET_TRIES) throw error;
      await sleep(backoff(attempt));
    }
  }
}
