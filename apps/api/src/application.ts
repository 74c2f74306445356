import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { claimDirectory, type LogStream } from '@logbert/log-stream';
import { Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import { hasRole } from './config/config.module';
import type { Locations } from './config/locations';
import { isDemoHome } from './demo/demo-home';
import { DemoService } from './demo/demo.service';
import { configureHttp } from './http/configure-http';
import { LiveFeed } from './live/live-feed';
import { LOG_STREAM } from './messaging/log-stream.token';
import { LogStreamStrategy } from './messaging/log-stream-strategy';
import { DATABASE } from './storage/database.token';

/** Time that the slowest upload may take. */
const UPLOAD_WITHIN_MS = 6 * 3_600_000;
/** Time that requests in work have to end by themselves. */
const REQUESTS_END_WITHIN_MS = 2_000;
/** Time that batches in work have; what is not committed by then is read again at the next start. */
const STREAM_ENDS_WITHIN_MS = 6_000;

/** The whole program in one object: what `main` runs and what tests start. */
export class Application {
  private readonly logger = new Logger('LogBERT');
  private closing: Promise<void> | undefined;

  private constructor(
    readonly nest: NestExpressApplication,
    private readonly configuration: Configuration,
    private readonly unclaim: () => Promise<void>,
  ) {}

  /** @throws SpoolInUseFailure when another process keeps its data in the same directory */
  static async build(
    configuration: Configuration,
    locations: Locations,
    logger: LoggerService,
  ): Promise<Application> {
    // Looked at before the parts below write their first files there.
    const demo = { isHome: isDemoHome(locations.dataDirectory) };
    const unclaim = await claimData(configuration, locations);
    try {
      const nest = await NestFactory.create<NestExpressApplication>(
        AppModule.of(configuration, locations, demo),
        { logger, bodyParser: false, abortOnError: false },
      );
      configureHttp(nest, configuration);
      if (hasRole(configuration, 'detector')) {
        nest.connectMicroservice({ strategy: new LogStreamStrategy(nest.get(LOG_STREAM)) });
      }
      return new Application(nest, configuration, unclaim);
    } catch (error) {
      await unclaim();
      throw error;
    }
  }

  /** Listens and begins to work; gives the address. */
  async start(): Promise<string> {
    const { host, port } = this.configuration.server;
    // Of a whole request, body included; Node ends a large upload after five minutes.
    this.nest.getHttpServer().requestTimeout = UPLOAD_WITHIN_MS;
    await this.nest.listen(port, host);
    const url = await this.nest.getUrl();
    await this.nest.startAllMicroservices();
    this.logger.log(`LogBERT listens on ${url}`);
    if (hasRole(this.configuration, 'api')) await this.nest.get(DemoService).start(url);
    return url;
  }

  /** Stops taking requests, lets the log stream finish and commit, stops children, closes the database. */
  close(): Promise<void> {
    this.closing ??= this.shutDown().finally(this.unclaim);
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    const database = this.nest.get<Database>(DATABASE);
    const logStream = this.nest.get<LogStream>(LOG_STREAM);
    await this.stopRequests();
    // Before the detectors end: batches in work are finished, recorded and committed.
    await Promise.race([
      logStream.close(),
      sleep(STREAM_ENDS_WITHIN_MS, undefined, { ref: false }),
    ]);
    await this.nest.close();
    await database.close();
  }

  private async stopRequests(): Promise<void> {
    const server = this.nest.getHttpServer();
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (hasRole(this.configuration, 'api')) this.nest.get(LiveFeed, { strict: false }).close();
    server.closeIdleConnections();
    await Promise.race([closed, sleep(REQUESTS_END_WITHIN_MS, undefined, { ref: false })]);
    server.closeAllConnections();
    await closed;
  }
}

/** What is embedded bears one process only; the spool claims its own folder, also where it is all there is. */
function claimData(
  { database, artifacts }: Configuration,
  { dataDirectory }: Locations,
): Promise<() => Promise<void>> {
  const isEmbedded = database.url === null || artifacts.kind === 'file';
  return isEmbedded ? claimDirectory(dataDirectory) : Promise.resolve(async () => undefined);
}
