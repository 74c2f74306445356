export {
  type BatchHandler,
  type LogStream,
  type OffsetSpan,
  type OutgoingMessage,
  type OutgoingTopic,
  type PartitionLag,
  type RawRecord,
  type ReadRange,
  type RecordBatch,
} from './log-stream';
export {
  BrokerFailure,
  BrokerSetupFailure,
  LogStreamClosedFailure,
  RecordTooLargeFailure,
  SpoolFullFailure,
  SpoolInUseFailure,
  SpoolWriteFailure,
  StreamNameFailure,
} from './log-stream-failures';
export { UnpackFailure } from './codecs/unpack-failure';
export { unpackSnappy } from './codecs/unpack-snappy';
export { unpackZstd } from './codecs/unpack-zstd';
export { DEAD_LETTER_HEADERS } from './dead-letter';
export { type Report, type StreamNotice } from './stream-notice';
export { claimDirectory } from './spool/directory-claim';
export { readSpool } from './spool/read-spool';
export { SpoolLogStream, type SpoolOptions } from './spool/spool-log-stream';
export { readDeadLetters } from './spool/read-dead-letters';
export { type FileFollowerOptions } from './files/file-follower';
export { FollowingLogStream, readOneAfterTheOther } from './files/following-log-stream';
export { readFollowed } from './files/read-followed';
export { KafkaLogStream, type KafkaOptions } from './kafka/kafka-log-stream';
export type { KeysOf } from './kafka/kafka-router';
export { readKafka } from './kafka/read-kafka';
