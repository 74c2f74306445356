import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, configurationSchema } from '@logbert/contracts';
import type { z } from 'zod';
import { Application } from '../application';
import { buildLocations, type Locations } from '../config/locations';
import { PinoLogger } from '../logging/pino-logger';

/** The real program in a folder of its own, for one spec file. */
export interface TestServer extends AsyncDisposable {
  readonly application: Application;
  readonly url: string;
  readonly locations: Locations;
  readonly configuration: Configuration;
}

/** Starts the API without detectors and trainers unless the configuration says otherwise. */
export async function startTestServer(
  settings: z.input<typeof configurationSchema> = {},
  programDirectory = import.meta.dirname,
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'logbert-api-'));
  const configuration = configurationSchema.parse({
    roles: ['api'],
    dataDirectory: join(folder, 'data'),
    ...settings,
    server: { port: 0, ...settings.server },
  });
  const locations = buildLocations(configuration, programDirectory);
  const application = await Application.build(
    configuration,
    locations,
    new PinoLogger({ level: 'error', format: 'json' }),
  );
  const url = await application.start();
  return {
    application,
    url,
    locations,
    configuration,
    [Symbol.asyncDispose]: async () => {
      await application.close();
      await rm(folder, { recursive: true });
    },
  };
}
