export {
  type BatchHandler,
  type LogStream,
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
  SpoolFullFailure,
  SpoolInUseFailure,
  SpoolWriteFailure,
  StreamNameFailure,
} from './log-stream-failures';
export { type Report, type StreamNotice } from './stream-notice';
export { claimDirectory } from './spool/directory-claim';
export { readSpool } from './spool/read-spool';
export { SpoolLogStream, type SpoolOptions } from './spool/spool-log-stream';
