import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool } from 'pg';
import { DatabaseUnavailableFailure } from './database-failures';
import type { Handle } from './handle';
import { translateError } from './translate-error';

/**
 * Drizzle over a pool. Its own transactions never give a connection back whose BEGIN failed, so that a few
 * lost connections would use up the pool; these do.
 */
export function pooledHandle(pool: Pool): Handle {
  const handle: Handle = drizzle(pool);
  handle.transaction = async (work, config) => {
    const client = await pool.connect();
    let isLost = false;
    try {
      const connection: Handle = drizzle(client);
      return await connection.transaction(work, config);
    } catch (error) {
      isLost = translateError(error) instanceof DatabaseUnavailableFailure;
      throw error;
    } finally {
      client.release(isLost);
    }
  };
  return handle;
}
