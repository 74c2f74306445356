import { appendFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FollowedFileConfig, spoolConfigSchema, streamNameSchema } from '@logbert/contracts';
import { FollowingLogStream } from './files/following-log-stream';
import type { LogStream } from './log-stream';
import { describeLogStream, textOf } from './log-stream-contract';
import { readDeadLetters } from './spool/read-dead-letters';
import { SpoolLogStream } from './spool/spool-log-stream';

const STREAMS = ['shop', 'other', 'a', 'b', 'c', 'd', 'e'];

describeLogStream('FollowingLogStream', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'logbert-followed-'));
  const dataDirectory = join(directory, 'data');
  const fileOf = (stream: string) => join(directory, 'logs', `${stream}.log`);
  await mkdir(join(directory, 'logs'));
  return {
    hasHeaders: false,
    isReceivedByDelivery: true,
    open: async ({ batchSize }) => {
      const spool = await SpoolLogStream.open(dataDirectory, spoolConfigSchema.parse({}), {
        batchSize,
      });
      const files = STREAMS.map((stream): FollowedFileConfig => ({
        path: fileOf(stream),
        stream,
        from: 'beginning',
      }));
      const report = () => undefined;
      return writingToFiles(
        new FollowingLogStream(spool, files, {
          dataDirectory,
          batchSize,
          lineLimitBytes: 10_000,
          report,
        }),
        fileOf,
      );
    },
    published: async (topic) =>
      (await readFile(join(dataDirectory, 'outlet', `${topic}.ndjson`), 'utf8')).trim().split('\n'),
    deadLetters: async () => {
      const letters = [];
      for await (const record of readDeadLetters(dataDirectory)) {
        letters.push({ headers: record.headers, value: textOf(record) });
      }
      return letters;
    },
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});

/** Lines that are appended go to the followed files, as other programs write them. */
function writingToFiles(stream: LogStream, fileOf: (stream: string) => string): LogStream {
  return Object.assign(Object.create(stream) as LogStream, {
    append: async (name: string, values: readonly Uint8Array[]) => {
      if (!streamNameSchema.safeParse(name).success) return stream.append(name, values);
      await appendFile(fileOf(name), values.map((value) => `${textOf({ value })}\n`).join(''));
    },
  });
}
