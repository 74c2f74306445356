import { appendFileSync } from 'node:fs';
import { spoolConfigSchema } from '@logbert/contracts';
import { SpoolLogStream } from '../spool/spool-log-stream';
import { FollowingLogStream } from './following-log-stream';

/** Follows a log and notes every line that is delivered, until it is killed. */
const [dataDirectory = '', path = '', notes = ''] = process.argv.slice(2);
// The one before may have been killed within a line.
appendFileSync(notes, '\n');
const spool = await SpoolLogStream.open(dataDirectory, spoolConfigSchema.parse({}));
const stream = new FollowingLogStream(spool, [{ path, stream: 'shop', from: 'beginning' }], {
  dataDirectory,
  batchSize: 50,
  lineLimitBytes: 1_000,
  report: (notice) => appendFileSync(notes, `${JSON.stringify({ notice })}\n`),
});
await stream.subscribe(async ({ records, release }) => {
  const lines = records.map((record) => {
    const { offset, receivedAtMs } = record;
    return `${JSON.stringify({ offset, receivedAtMs, text: Buffer.from(record.value).toString() })}\n`;
  });
  appendFileSync(notes, lines.join(''));
  // Some of them are delivered again after the next start.
  release(Math.max(0, (records.at(-1)?.offset ?? 0) - 20));
});
