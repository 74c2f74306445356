import type { Configuration } from '@logbert/contracts';
import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import { writePretty } from './pretty-line';

/** What Nest tells of its own wiring is of no interest to who runs the program. */
const WIRING: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestMicroservice',
]);

/** Nest's logger on pino: one JSON object a line, or readable lines for a terminal. */
export class PinoLogger implements LoggerService {
  private readonly logger: Logger;

  constructor({ level, format }: Configuration['log']) {
    const options = { level, base: null };
    if (format === 'json') {
      this.logger = pino(options);
      return;
    }
    this.logger = pino(options, { write: (line: string) => writePretty(line, process.stdout) });
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever read the log is gone. The program goes on without one, as it does with JSON lines.
      if (error.code !== 'EPIPE') throw error;
      this.logger.level = 'silent';
    });
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(WIRING.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** Nest hands the context last and, with an error, its stack before it. */
  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: readonly unknown[],
  ): void {
    const context = rest.at(-1);
    const details = rest.slice(0, -1).filter((value) => value !== undefined);
    const bindings = {
      ...(typeof context === 'string' ? { context } : {}),
      ...(details.length > 0 ? { details } : {}),
    };
    if (message instanceof Error)
      this.logger[level]({ ...bindings, err: message }, message.message);
    else if (typeof message === 'object') this.logger[level]({ ...bindings, ...message });
    else this.logger[level](bindings, String(message));
  }
}
