import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spoolConfigSchema } from '@logbert/contracts';
import { describeLogStream, textOf } from './log-stream-contract';
import { readDeadLetters } from './spool/read-dead-letters';
import { SpoolLogStream } from './spool/spool-log-stream';

describeLogStream('SpoolLogStream', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'logbert-spool-'));
  return {
    open: (options) => SpoolLogStream.open(directory, spoolConfigSchema.parse({}), options),
    published: async (topic) =>
      (await readFile(join(directory, 'outlet', `${topic}.ndjson`), 'utf8')).trim().split('\n'),
    deadLetters: async () => {
      const letters = [];
      for await (const record of readDeadLetters(directory)) {
        letters.push({ headers: record.headers, value: textOf(record) });
      }
      return letters;
    },
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
