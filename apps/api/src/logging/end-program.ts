import { Logger } from '@nestjs/common';

const logger = new Logger('Program');

/** For what a new process mends: it reads again from the checkpoints, and begins with new connections and threads. */
export function endProgram(failure: Error): void {
  logger.error(
    `${failure.message}; ending, so that a restart reads again from the last committed position`,
  );
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
