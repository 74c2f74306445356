import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrderLine } from './overlapping-orders';
import { ownBucket, ownDatabase } from './real-services';
import { Server } from './server';
import { trainOrders } from './trained-orders';

type Settings = Readonly<Record<string, string>>;

/** Settings for a database and a bucket that detectors share. */
export interface TrainedServices {
  /** To be copied by `ownDatabase`. */
  readonly database: Settings;
  readonly bucket: Settings;
}

/**
 * A database and a bucket with a model of these lines.
 *
 * @param dataDirectory of the server that trains it
 */
export async function trainedServices(
  dataDirectory: string,
  ordinary: readonly OrderLine[],
): Promise<TrainedServices> {
  await mkdir(join(dataDirectory, 'imports'), { recursive: true });
  const text = ordinary.map((line) => `${line.text}\n`).join('');
  await writeFile(join(dataDirectory, 'imports/orders.ndjson'), text);
  const services = { database: await ownDatabase(), bucket: await ownBucket() };
  const environment = { ...services.database, ...services.bucket };
  await using server = await Server.start({ dataDirectory, environment });
  await trainOrders(server);
  return services;
}
