import { Logger } from '@nestjs/common';

const logger = new Logger('Inference');

/** What is lost in memory can only be found again by reading again from the checkpoints, which a start does. */
export function endProgram(failure: Error): void {
  logger.error(
    `${failure.message}; ending, so that a restart reads again from the last committed position`,
  );
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
