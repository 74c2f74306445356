/** Message patterns inside the program; `config` maps them to the names of real topics. */
export const TOPICS = {
  logs: 'logs',
  anomalies: 'anomalies',
  incidents: 'incidents',
  deadLetters: 'logs.dlq',
} as const;

/** Record header that names the stream; without it the topic's own stream is meant. */
export const STREAM_HEADER = 'logbert-stream';
/** Record header with the line format as the producer's content type. */
export const CONTENT_TYPE_HEADER = 'content-type';
/** Header of a published anomaly or incident: the same number is the same message, sent once more after a crash. */
export const EVENT_ID_HEADER = 'logbert-event-id';
