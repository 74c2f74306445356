import { z } from 'zod';
import type { TreeChanges } from './grouping-engine';
import { familySchema, type MinerState, quarantineSchema, rowSchema } from './miner-snapshot';
import { SnapshotFailure } from './snapshot-failure';
import { TextHash } from './text-hash';

/** What happened in a miner since some moment, as plain data. */
export interface MinerChanges {
  readonly tree: TreeChanges;
  readonly quarantine: MinerState['quarantine'];
}

const idSchema = z.int().positive();
const tokensSchema = z.array(z.string());

const drainSchema = z.strictObject({
  lastClusterId: z.int().nonnegative(),
  events: z.array(z.union([idSchema, tokensSchema])),
  used: z.array(
    z.union([
      z.tuple([idSchema, z.int().positive()]),
      z.tuple([idSchema, z.int().positive(), tokensSchema]),
    ]),
  ),
  quarantine: quarantineSchema.nullable(),
});

const rowCountSchema = z.tuple([z.int().nonnegative(), z.int().positive()]);

const amendmentSchema = z.strictObject({
  added: z.array(rowSchema),
  counts: z.array(rowCountSchema),
  formless: z.array(z.tuple([z.int().nonnegative(), z.array(z.int().nonnegative())])),
  moved: z.array(z.tuple([z.int().nonnegative(), idSchema])),
});

const familiesSchema = z.strictObject({
  lastClusterId: z.int().nonnegative(),
  forgotten: z.array(idSchema),
  used: z.array(
    z.tuple([
      idSchema.nullable(),
      z.union([z.array(rowCountSchema), amendmentSchema, familySchema]),
    ]),
  ),
  quarantine: quarantineSchema.nullable(),
});

const changesSchema = z.union([drainSchema, familiesSchema]);

const CHECKSUM_CHARACTERS = 16;

/**
 * A line of a journal: its checksum, a blank, the changes as JSON.
 *
 * @param before checksum of the record or base that these changes come after; it goes into this record's own
 */
export function writeRecord(
  { tree, quarantine }: MinerChanges,
  before: string,
): { readonly text: string; readonly checksum: string } {
  const json = JSON.stringify({ ...tree, quarantine: quarantine ?? null });
  const checksum = chained(before, json);
  return { text: `${checksum} ${json}\n`, checksum };
}

/**
 * Reads the next record of a journal.
 *
 * @param line without its line end
 * @throws SnapshotFailure when it is altered or does not come after `before`
 */
export function readRecord(
  line: string,
  before: string,
): { readonly changes: MinerChanges; readonly checksum: string } {
  const checksum = line.slice(0, CHECKSUM_CHARACTERS);
  const json = line.slice(CHECKSUM_CHARACTERS + 1);
  if (line[CHECKSUM_CHARACTERS] !== ' ' || chained(before, json) !== checksum) {
    throw new SnapshotFailure('a record is altered, or one before it is missing');
  }
  const parsed = changesSchema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new SnapshotFailure(z.prettifyError(parsed.error));
  const { quarantine, ...tree } = parsed.data;
  return { changes: { tree, quarantine: quarantine ?? undefined }, checksum };
}

function chained(before: string, json: string): string {
  return new TextHash().add(before).add(json).digest();
}
