import { sql } from 'drizzle-orm';
import type { Handle } from './handle';

/** The spaces keep a stream's name from colliding with another use of advisory locks. */
const SPACES = { migration: 7_301, stream: 7_302, events: 7_303 } as const;

/** Waits for the lock and holds it until the transaction of `handle` ends. */
export async function holdLock(
  handle: Handle,
  space: keyof typeof SPACES,
  name: string,
): Promise<void> {
  await handle.execute(sql`SELECT pg_advisory_xact_lock(${SPACES[space]}::int, hashtext(${name}))`);
}
