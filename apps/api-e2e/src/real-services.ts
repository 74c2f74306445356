import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Client } from 'pg';

/** Where the test services are, when somebody started them. */
const BROKERS = process.env['LOGBERT_TEST_KAFKA'];
const POSTGRES = process.env['LOGBERT_TEST_POSTGRES'];
const S3 = process.env['LOGBERT_TEST_S3'];
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Names of the services that are missing for a test against all of them. */
export function missingServices(): readonly string[] {
  return [
    ...(BROKERS === undefined ? ['LOGBERT_TEST_KAFKA'] : []),
    ...(POSTGRES === undefined ? ['LOGBERT_TEST_POSTGRES'] : []),
    ...(S3 === undefined ? ['LOGBERT_TEST_S3'] : []),
  ];
}

export interface KafkaTopics {
  readonly brokers: readonly string[];
  readonly groupId: string;
  readonly logs: string;
  readonly keyed: string;
  readonly anomalies: string;
  readonly incidents: string;
  readonly deadLetters: string;
}

/** Topics that no other test uses, and the settings by which a server makes and uses them. */
export function ownTopics(stream: string): {
  readonly topics: KafkaTopics;
  readonly environment: Readonly<Record<string, string>>;
} {
  if (BROKERS === undefined) throw new Error('LOGBERT_TEST_KAFKA is not set');
  const run = randomUUID().slice(0, 8);
  const topics = {
    brokers: BROKERS.split(','),
    groupId: `logbert-${run}`,
    logs: `logs-${run}`,
    keyed: `keyed-${run}`,
    anomalies: `anomalies-${run}`,
    incidents: `incidents-${run}`,
    deadLetters: `logs-${run}.dlq`,
  };
  const environment = {
    LOGBERT__LOGSTREAM__KIND: 'kafka',
    LOGBERT__LOGSTREAM__KAFKA__BROKERS: JSON.stringify(topics.brokers),
    LOGBERT__LOGSTREAM__KAFKA__GROUPID: topics.groupId,
    LOGBERT__LOGSTREAM__KAFKA__LOGS: JSON.stringify([{ topic: topics.logs, stream }]),
    LOGBERT__LOGSTREAM__KAFKA__KEYEDTOPIC: topics.keyed,
    LOGBERT__LOGSTREAM__KAFKA__ANOMALIESTOPIC: topics.anomalies,
    LOGBERT__LOGSTREAM__KAFKA__INCIDENTSTOPIC: topics.incidents,
    LOGBERT__LOGSTREAM__KAFKA__DEADLETTERTOPIC: topics.deadLetters,
    LOGBERT__LOGSTREAM__KAFKA__CREATETOPICS: 'true',
    LOGBERT__LOGSTREAM__KAFKA__PARTITIONS: '2',
  };
  return { topics, environment };
}

/** Settings for a database of its own, empty or a copy of one that nobody uses at the moment. */
export async function ownDatabase(
  copied?: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (POSTGRES === undefined) throw new Error('LOGBERT_TEST_POSTGRES is not set');
  const name = `e2e_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: POSTGRES });
  await client.connect();
  try {
    const template = copied && new URL(copied['LOGBERT__DATABASE__URL'] ?? '').pathname.slice(1);
    await client.query(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${template}` : ''}`);
  } finally {
    await client.end();
  }
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  return { LOGBERT__DATABASE__URL: url.href };
}

/** Settings for an empty bucket of its own. */
export async function ownBucket(): Promise<Readonly<Record<string, string>>> {
  if (S3 === undefined) throw new Error('LOGBERT_TEST_S3 is not set');
  const bucket = `e2e-${randomUUID()}`;
  const client = s3Client();
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return {
    LOGBERT__ARTIFACTS__KIND: 's3',
    LOGBERT__ARTIFACTS__S3__BUCKET: bucket,
    LOGBERT__ARTIFACTS__S3__ENDPOINT: S3,
    LOGBERT__ARTIFACTS__S3__FORCEPATHSTYLE: 'true',
    LOGBERT__ARTIFACTS__S3__ACCESSKEYID: CREDENTIALS.accessKeyId,
    LOGBERT__ARTIFACTS__S3__SECRETACCESSKEY: CREDENTIALS.secretAccessKey,
  };
}

/** Keys of everything in the bucket that `ownBucket` made. */
export async function listBucket(
  settings: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const client = s3Client();
  const Bucket = settings['LOGBERT__ARTIFACTS__S3__BUCKET'];
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  client.destroy();
  return Contents.flatMap(({ Key }) => Key ?? []);
}

function s3Client(): S3Client {
  if (S3 === undefined) throw new Error('LOGBERT_TEST_S3 is not set');
  return new S3Client({
    endpoint: S3,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: CREDENTIALS,
  });
}
