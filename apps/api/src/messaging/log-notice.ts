import type { StreamNotice } from '@logbert/log-stream';
import { Logger } from '@nestjs/common';

const logger = new Logger('LogStream');

/** Writes down what an operator should know of the log stream. */
export function logNotice(notice: StreamNotice): void {
  switch (notice.kind) {
    case 'retrying':
      logger.warn(
        `${notice.source}/${notice.partition} is tried again in ${notice.inMs} ms: ${textOf(notice.error)}`,
      );
      break;
    case 'parked':
      logger.warn(`${placeOf(notice)} is parked (${notice.reason}): ${textOf(notice.error)}`);
      break;
    case 'not-parked':
      logger.error(
        `${placeOf(notice)} could not be parked (${notice.reason}): ${textOf(notice.error)}`,
      );
      break;
    case 'torn-tail':
      logger.warn(`${notice.file}: ${notice.bytes} bytes of an unfinished write were cut off`);
      break;
    case 'corrupt-segment':
      logger.error(
        `${notice.file}: damaged at byte ${notice.position}; ${notice.bytes} bytes are skipped`,
      );
      break;
    case 'file-unreadable':
      logger.warn(`${notice.path} cannot be followed yet: ${adviceFor(notice.error)}`);
      break;
    case 'file-readable':
      logger.log(`${notice.path} is followed`);
      break;
    case 'lines-gone':
      logger.error(
        `${notice.path}: ${notice.file} was removed or emptied with ${notice.bytes} bytes that were still to be read` +
          (notice.lines === undefined ? '' : ` (${notice.lines} lines that had been read once)`) +
          `, and what was written behind them. Have rotation keep the last file as it is, unpacked (delaycompress).`,
      );
      break;
    case 'files-followed-elsewhere':
      logger.warn(`${textOf(notice.error)}; its files are followed when that is gone`);
      break;
    case 'too-many-files':
      logger.error(
        `${notice.path} and others are not followed: ${notice.limit} files are. Name fewer by logStream.files.`,
      );
      break;
    case 'waiting-for-broker':
      logger.warn(`waiting for ${notice.brokers}: ${textOf(notice.error)}`);
      break;
    case 'consumer-restarted':
      logger.warn(`the consumer starts again: ${textOf(notice.error)}`);
      break;
    case 'topics-missing':
      logger.error(
        `Kafka has no ${listOf(notice.topics)}: nothing is read there until it is created`,
      );
      break;
    case 'topics-found':
      logger.log(`Kafka has ${listOf(notice.topics)} now`);
      break;
    case 'consumer-stuck':
      logger.error(
        `the consumer got nothing from the brokers although they answer, and ${notice.restarts} new ones did not either: ${textOf(notice.error)}`,
      );
      break;
    case 'commit-failed':
      logger.warn(`positions were not committed: ${textOf(notice.error)}`);
      break;
    case 'client':
      if (notice.level === 'error') logger.error(notice.message);
      else if (notice.level === 'warn') logger.warn(notice.message);
      else logger.debug(notice.message);
      break;
  }
}

function listOf(topics: readonly string[]): string {
  return topics.map((topic) => `topic "${topic}"`).join(', ');
}

function placeOf(notice: { source: string; partition: number; offset: number }): string {
  return `record ${notice.source}/${notice.partition}@${notice.offset}`;
}

/** What an operator can do about a file that cannot be read. */
function adviceFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  return isForbidden
    ? `${textOf(error)}. Let the user of this process read it, and list its folder.`
    : textOf(error);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
