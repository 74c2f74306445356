import type { KafkaConfig } from '@logbert/contracts';
import { Kafka, logLevel, type LogEntry, type SASLOptions } from 'kafkajs';
import type { Report, StreamNotice } from '../stream-notice';
import { addCodecs } from './add-codecs';
import { readFetchAnswers } from './fetch-answer';
import { certifiedSockets } from './kafka-certificates';

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** The client library, with its log turned into notices. */
export function buildClient(config: KafkaConfig, report: Report, level = logLevel.WARN): Kafka {
  addCodecs();
  readFetchAnswers();
  const { tls } = config;
  const hasCertificates = (tls.caFile ?? tls.certificateFile) !== null;
  return new Kafka({
    clientId: config.clientId,
    brokers: [...config.brokers],
    ssl: config.ssl,
    ...(hasCertificates ? { socketFactory: certifiedSockets(tls) } : {}),
    ...(config.sasl === null ? {} : { sasl: saslOf(config.sasl) }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 200, retries: 5, maxRetryTime: 10_000 },
    logLevel: level,
    logCreator: () => (entry) => report(noticeOf(entry)),
  });
}

/** Each mechanism has a type of its own there, although all three say the same. */
function saslOf({ mechanism, username, password }: NonNullable<KafkaConfig['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}

function noticeOf({ level, namespace, log }: LogEntry): StreamNotice {
  const reason: unknown = log['error'];
  const message = [namespace, log.message, ...(typeof reason === 'string' ? [reason] : [])]
    .filter((part) => part !== '')
    .join(': ');
  return { kind: 'client', level: levelOf(level), message };
}

function levelOf(level: logLevel): 'error' | 'warn' | 'info' | 'debug' {
  if (level === logLevel.ERROR) return 'error';
  if (level === logLevel.WARN) return 'warn';
  return level === logLevel.INFO ? 'info' : 'debug';
}
