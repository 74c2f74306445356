import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const DATA =
  process.env['LOGBERT_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const LOG = join(DATA, 'hdfs-raw/hdfs_raw.log.gz');
const LABELS = join(DATA, 'hdfs-raw/labels.csv.gz');
/** 2008-11-10 12:00 as the lines write it. */
const BORDER = '081110 120000';

/** Path of the data when it is missing. */
export const missingHdfsLogs = [LOG, LABELS].find((file) => !existsSync(file));

/** Real lines, parted by time, and what people know of the blocks that begin in the later part. */
export interface HdfsLogs {
  readonly earlier: readonly string[];
  readonly later: readonly string[];
  /** Whether a block is anomalous. A block that began earlier lacks its beginning by our cut, and is not named. */
  readonly labels: ReadonlyMap<string, boolean>;
}

export async function readHdfsLogs(): Promise<HdfsLogs> {
  const lines = (await unzipped(LOG)).split('\n').filter(Boolean);
  const border = lines.findIndex((line) => line.slice(0, BORDER.length) >= BORDER);
  const earlier = lines.slice(0, border);
  const later = lines.slice(border);
  const begunEarlier = new Set(earlier.map(blockOf));
  const inLater = new Set(later.map(blockOf));
  const rows = (await unzipped(LABELS)).split('\n').slice(1).filter(Boolean);
  const labels = rows
    .map((row) => row.split(','))
    .filter(([block = '']) => inLater.has(block) && !begunEarlier.has(block))
    .map(([block = '', label]) => [block, label === 'Anomaly'] as const);
  return { earlier, later, labels: new Map(labels) };
}

/** The block that a line speaks of: its session. */
export function blockOf(line: string): string | null {
  return /blk_-?\d+/.exec(line)?.[0] ?? null;
}

async function unzipped(file: string): Promise<string> {
  return gunzipSync(await readFile(file)).toString('latin1');
}
