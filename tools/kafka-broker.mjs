#!/usr/bin/env node
// Gives tests a real Apache Kafka: prints `KAFKA_BROKERS=host:port` when it takes requests.
// From KAFKA_BROKERS if that is set (then it only prints), else a single node (KRaft) in Docker if an
// engine runs, else from Maven Central's jars with Java. It ends, and its data goes, with the
// process that started it or on SIGTERM. On SIGUSR2 a broker from jars is killed and started again on its data, and the
// line is printed once more when it takes requests. What it does is told on stderr.
// With `--secured DIR` a broker from jars also takes clients over TLS: those with a certificate at KAFKA_MUTUAL_TLS, those with a
// password (SCRAM-SHA-512 and PLAIN) at KAFKA_SASL_TLS, which are printed before. What they need is put into DIR.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';
import { makeCertificates, SECRETS } from './test-certificates.mjs';
import {
  endChild,
  freePorts,
  run,
  stopWithParent,
  succeeds,
  temporaryDirectory,
} from './throw-away-service.mjs';

const VERSION = process.env.KAFKA_VERSION ?? '3.9.1';
const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 15_000;
const HEAP = '-Xmx512m';

const given = process.env.KAFKA_BROKERS;
if (given) {
  console.log(`KAFKA_BROKERS=${given}`);
  process.exit(0);
}

const { values: options } = parseArgs({ options: { secured: { type: 'string' } } });
const startedAt = Date.now();
const [port, controllerPort, mutualPort, saslPort] = await freePorts(4);
let said = '';
const broker = await startBroker();
const end = stopWithParent(broker.stop);
watch(broker.child);
if (options.secured) {
  console.log(`KAFKA_MUTUAL_TLS=localhost:${mutualPort}`);
  console.log(`KAFKA_SASL_TLS=localhost:${saslPort}`);
}
await tellWhenReady();
if (broker.restart) process.on('SIGUSR2', () => void restart());

/** Dies as in a power cut and comes back with what is on its disk. */
async function restart() {
  const { child } = broker;
  child.removeAllListeners('close');
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await ended;
  broker.restart();
  watch(broker.child);
  await tellWhenReady();
}

function watch(child) {
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => (said = `${said}${bytes}`.slice(-8_000)));
  }
  child.once('close', (code) => {
    console.error(`Kafka ended with ${code}:\n${said}`);
    void end(1);
  });
}

async function tellWhenReady() {
  if (await answers(Date.now() + START_WITHIN_MS)) {
    console.error(`Kafka ${VERSION} was ready after ${(Date.now() - startedAt) / 1_000} s`);
    console.log(`KAFKA_BROKERS=127.0.0.1:${port}`);
  } else {
    console.error(`Kafka was not ready within ${START_WITHIN_MS / 1_000} s:\n${said}`);
    await end(1);
  }
}

/** Settings that one node needs, and quick ones for tests. */
function settings(dataDirectory) {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDirectory,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'auto.create.topics.enable': false,
  };
}

/** The same with two more listeners, which speak TLS. */
function securedSettings(plain, certificates) {
  const jaas = 'org.apache.kafka.common.security';
  const { user, password } = SECRETS;
  return {
    ...plain,
    listeners: `${plain.listeners},MUTUAL://127.0.0.1:${mutualPort},SASL://127.0.0.1:${saslPort}`,
    'advertised.listeners': `${plain['advertised.listeners']},MUTUAL://localhost:${mutualPort},SASL://localhost:${saslPort}`,
    'listener.security.protocol.map': `${plain['listener.security.protocol.map']},MUTUAL:SSL,SASL:SASL_SSL`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.serverStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.authority,
    'listener.name.mutual.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.sasl.plain.sasl.jaas.config': `${jaas}.plain.PlainLoginModule required user_${user}="${password}";`,
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': `${jaas}.scram.ScramLoginModule required;`,
  };
}

async function startBroker() {
  if (options.secured) return startFromJars(await jars());
  if (await succeeds('docker', ['info'])) return startInDocker();
  return startFromJars(await jars());
}

function startInDocker() {
  const name = `logbert-kafka-${process.pid}`;
  const variables = Object.entries({
    ...settings('/tmp/kafka-logs'),
    listeners: `PLAINTEXT://:${port},CONTROLLER://:${controllerPort}`,
    'controller.quorum.voters': `1@localhost:${controllerPort}`,
  }).map(([key, value]) => `KAFKA_${key.toUpperCase().replaceAll('.', '_')}=${value}`);
  console.error(`Starting apache/kafka:${VERSION} in Docker`);
  const child = spawn(
    'docker',
    [
      ...['run', '--rm', '--name', name, '-p', `127.0.0.1:${port}:${port}`],
      ...variables.flatMap((variable) => ['-e', variable]),
      ...['-e', `KAFKA_HEAP_OPTS=${HEAP}`, `apache/kafka:${VERSION}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stop = async () => {
    await run('docker', ['rm', '--force', name]).catch(() => undefined);
    await endChild(child, 'SIGTERM', STOP_WITHIN_MS);
  };
  return { child, stop };
}

async function startFromJars(folder) {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  if (!(await succeeds(java, ['-version']))) {
    console.error('Kafka needs KAFKA_BROKERS, a running Docker engine, or Java 17 with Maven.');
    process.exit(1);
  }
  const directory = temporaryDirectory('logbert-kafka');
  const file = join(directory, 'server.properties');
  const plain = settings(join(directory, 'data'));
  const all = options.secured
    ? securedSettings(plain, await makeCertificates(options.secured))
    : plain;
  const lines = Object.entries(all);
  writeFileSync(file, lines.map(([key, value]) => `${key}=${value}\n`).join(''));
  const command = (main, ...args) => [
    ...[HEAP, '-XX:+UseSerialGC', '-Djava.awt.headless=true'],
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ...['-cp', [directory, join(folder, '*')].join(delimiter), main, ...args],
  ];
  // With "=": one base64 id in 64 begins with "-" and would be read as an option.
  const clusterId = `--cluster-id=${randomBytes(16).toString('base64url')}`;
  const { user, password } = SECRETS;
  const scram = options.secured
    ? ['--add-scram', `SCRAM-SHA-512=[name=${user},password=${password}]`]
    : [];
  await run(java, command('kafka.tools.StorageTool', 'format', clusterId, '-c', file, ...scram));
  const start = () =>
    spawn(java, command('kafka.Kafka', file), { stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    child: start(),
    restart() {
      this.child = start();
    },
    stop: () => endChild(broker.child, 'SIGTERM', STOP_WITHIN_MS),
  };
}

/** The folder of Kafka's jars; fetched through Maven the first time. */
async function jars() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'logbert', `kafka-${VERSION}`);
  if (existsSync(folder)) return folder;
  console.error(`Fetching Kafka ${VERSION} from Maven Central into ${folder}`);
  const work = temporaryDirectory('logbert-kafka-jars');
  const dependency = (group, artifact, version) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  writeFileSync(
    join(work, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion>
      <groupId>logbert</groupId><artifactId>kafka-broker</artifactId><version>1</version>
      <dependencies>
        ${dependency('org.apache.kafka', 'kafka_2.13', VERSION)}
        ${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
      </dependencies>
    </project>`,
  );
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await run(
      'mvn',
      [
        ...['--batch-mode', '--quiet', 'dependency:copy-dependencies'],
        ...['-DincludeScope=runtime', `-DoutputDirectory=${partial}`],
      ],
      { cwd: work },
    );
    // Two tests may have fetched it at once: the first one's stays.
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

/** Whether the broker answers as a cluster before the deadline. */
async function answers(deadline) {
  const client = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
  });
  while (Date.now() < deadline) {
    const admin = client.admin();
    try {
      await admin.connect();
      const { controller } = await admin.describeCluster();
      if (controller !== null) return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
  return false;
}
