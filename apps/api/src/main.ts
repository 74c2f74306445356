import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Configuration } from '@logbert/contracts';
import { Application } from './application';
import { ConfigurationFailure } from './config/configuration-failure';
import { loadConfiguration } from './config/configuration-loader';
import { buildLocations, findConfigDirectory } from './config/locations';
import { PinoLogger } from './logging/pino-logger';

const EXIT_CONFIGURATION = 2;
/** A shutdown that takes longer is ended by force. */
const SHUTDOWN_MS = 15_000;

// Of every thread: lines that wait for their session outlive a young generation, and some times as much of them would wait for the next
// full collection otherwise.
setFlagsFromString('--heap-growing-percent=80');

// ONNX Runtime reads this from the environment of the process, which its worker threads cannot change themselves.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

const programDirectory = dirname(fileURLToPath(import.meta.url));
const configuration = readConfiguration();
const logger = new PinoLogger(configuration.log);

let isStopping = false;
let isAbandoned = false;
// Who started it and listened to it is gone, perhaps without time for a signal.
process.once('disconnect', () => (isAbandoned = true));

try {
  const locations = buildLocations(configuration, programDirectory);
  const application = await Application.build(configuration, locations, logger);
  process.once('SIGINT', () => {
    stop(application);
    // A second interrupt does not wait.
    process.once('SIGINT', () => process.exit(130));
  });
  process.once('SIGTERM', () => stop(application));
  process.once('disconnect', () => stop(application));
  await application.start();
  if (isAbandoned) stop(application);
  else process.send?.({ type: 'listening', url: await application.nest.getUrl() });
} catch (error) {
  logger.fatal(error, 'Start');
  process.exit(1);
}

function readConfiguration(): Configuration {
  try {
    return loadConfiguration({
      directory: findConfigDirectory(programDirectory, process.env['LOGBERT_CONFIG_DIRECTORY']),
      environment: process.env,
      flags: process.argv.slice(2),
    });
  } catch (error) {
    if (!(error instanceof ConfigurationFailure)) throw error;
    process.stderr.write(`The configuration is wrong:\n${error.message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

function stop(application: Application): void {
  if (isStopping) return;
  isStopping = true;
  logger.log('Stopping.', 'LogBERT');
  setTimeout(() => {
    logger.error(`Not everything stopped within ${SHUTDOWN_MS} ms.`, 'LogBERT');
    process.exit(1);
  }, SHUTDOWN_MS).unref();
  application.close().then(
    () => {
      logger.log('Stopped.', 'LogBERT');
      process.exit(process.exitCode ?? 0);
    },
    (error: unknown) => {
      logger.error(error, 'LogBERT');
      process.exit(1);
    },
  );
}
