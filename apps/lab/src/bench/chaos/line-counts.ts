import { TEMPLATE_BUCKET_MS } from '@logbert/contracts';
import type { Client } from 'pg';
import { z } from 'zod';

/** How many lines there are of each kind that can be told apart, by the name of the kind. */
export type LineCounts = ReadonlyMap<string, number>;

/** Lines as the database counts them: those of one service and template in one bucket of event time. */
export interface CountedLines {
  readonly service: string;
  readonly templateId: string;
  /** Beginning of the bucket, epoch milliseconds. */
  readonly bucketMs: number;
  readonly lines: number;
}

/** What tells a line apart before anybody has read it: its service and the bucket of its time, epoch milliseconds. */
export function originOf(service: string, timestampMs: number): string {
  const bucketMs = Math.floor(timestampMs / TEMPLATE_BUCKET_MS) * TEMPLATE_BUCKET_MS;
  return `${service}@${bucketMs}`;
}

/** One line a name. */
export function countNames(names: Iterable<string>): LineCounts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

export function countByOrigin(counted: readonly CountedLines[]): LineCounts {
  return sumBy(counted, ({ service, bucketMs }) => originOf(service, bucketMs));
}

/** As fine as the database tells lines apart. */
export function countByTemplate(counted: readonly CountedLines[]): LineCounts {
  return sumBy(
    counted,
    ({ service, bucketMs, templateId }) => `${originOf(service, bucketMs)}/${templateId}`,
  );
}

/** What is missing and what is too much, kind by kind: one of them never makes up for the other. */
export function compareCounts(
  expected: LineCounts,
  found: LineCounts,
): { readonly lost: number; readonly twice: number } {
  let [lost, twice] = [0, 0];
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const missing = (expected.get(name) ?? 0) - (found.get(name) ?? 0);
    if (missing > 0) lost += missing;
    else twice -= missing;
  }
  return { lost, twice };
}

export function sumOf(counts: LineCounts): number {
  return [...counts.values()].reduce((sum, lines) => sum + lines, 0);
}

/** Reads how the lines of a stream were counted, whichever model named their templates. */
export async function readCountedLines(
  client: Client,
  stream: string,
): Promise<readonly CountedLines[]> {
  const { rows } = await client.query(
    `SELECT service, template_id AS "templateId", bucket_ms::float8 AS "bucketMs", sum(count)::float8 AS lines
       FROM template_counts WHERE stream = $1 GROUP BY 1, 2, 3`,
    [stream],
  );
  return z.array(countedSchema).parse(rows);
}

const countedSchema = z.object({
  service: z.string(),
  templateId: z.string(),
  bucketMs: z.number(),
  lines: z.number(),
});

function sumBy(
  counted: readonly CountedLines[],
  nameOf: (lines: CountedLines) => string,
): LineCounts {
  const counts = new Map<string, number>();
  for (const one of counted) {
    const name = nameOf(one);
    counts.set(name, (counts.get(name) ?? 0) + one.lines);
  }
  return counts;
}
