#!/usr/bin/env node
// Checks what operators use: Prometheus rules, compose file, Kubernetes manifests, Dockerfile. Each check needs a tool
// that may be absent (promtool, docker compose, kustomize, kubernetes-validate); then it says so and is skipped.
// The last line is "N passed, N failed, N skipped".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OVERLAYS = ['deploy/k8s/base', 'deploy/k8s/overlays/example'];
const COMPOSE = 'deploy/docker-compose.yml';
const DOCKERFILE = 'deploy/Dockerfile';
const RULE_TESTS = 'prometheus/alerts.test.yml';

class Skip extends Error {}

const temporary = mkdtempSync(join(tmpdir(), 'logbert-deploy-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const tally = { passed: 0, failed: 0, skipped: 0 };

check('Prometheus configuration', () =>
  run('promtool', ['check', 'config', 'prometheus/prometheus.yml']),
);
check('alert rules', () => run('promtool', ['check', 'rules', 'prometheus/alerts.yml']));
check('alert rule tests', () => run('promtool', ['test', 'rules', RULE_TESTS]));
check('every alert has a rule test', everyAlertIsTested);
check('compose file', checkCompose);
check('settings named in the compose file', () => {
  const services = Object.values(parse(read(COMPOSE), { merge: true }).services);
  settingsExist(services.flatMap(({ environment }) => Object.keys(environment ?? {})));
});
check('files mounted by the compose file', composeMountsExist);
check('files copied by the Dockerfile', dockerfileSourcesExist);
for (const overlay of OVERLAYS) {
  const manifests = build(overlay);
  check(`${overlay}: builds`, () => orSkip(manifests));
  check(`${overlay}: fits the Kubernetes schemas`, () => fitsSchemas(orSkip(manifests)));
  check(`${overlay}: references hold`, () => referencesHold(parseAll(orSkip(manifests))));
  check(`${overlay}: pods are locked down`, () => podsAreLockedDown(parseAll(orSkip(manifests))));
}
check('settings named in the example secret', () => {
  const lines = read('deploy/k8s/overlays/example/secret.example.env').trim().split('\n');
  settingsExist(lines.map((line) => line.split('=')[0]));
});

console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = tally.failed > 0 ? 1 : 0;

function check(name, work) {
  try {
    work();
    tally.passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    const isSkip = error instanceof Skip;
    tally[isSkip ? 'skipped' : 'failed']++;
    console.log(`${isSkip ? 'skipped' : 'FAILED '} ${name}: ${error.message}`);
  }
}

/** Runs a tool to its end. @returns {string} what it printed */
function run(command, args, options = {}) {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (error?.code === 'ENOENT') throw new Skip(`${command} is not installed`);
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stdout}${stderr}`.trim());
  return stdout;
}

function everyAlertIsTested() {
  const rules = parse(read('prometheus/alerts.yml')).groups.flatMap((group) => group.rules);
  const tests = parse(read(RULE_TESTS)).tests.flatMap((test) => test.alert_rule_test);
  const fired = new Set(
    tests.filter((test) => test.exp_alerts.length > 0).map((test) => test.alertname),
  );
  const untested = rules.map(({ alert }) => alert).filter((alert) => !fired.has(alert));
  if (untested.length > 0) throw new Error(`no test lets these fire: ${untested.join(', ')}`);
}

function checkCompose() {
  const args = ['-f', COMPOSE, 'config', '--quiet'];
  const hasPlugin = spawnSync('docker', ['compose', 'version']).status === 0;
  if (hasPlugin) run('docker', ['compose', ...args]);
  else run('docker-compose', args);
}

/** Names such as LOGBERT__SERVER__PORT must lead to a key of config/default.yaml, whatever their case. */
function settingsExist(names) {
  const defaults = parse(read('config/default.yaml'));
  const unknown = names
    .filter((name) => name.startsWith('LOGBERT__'))
    .filter((name) => {
      let node = defaults;
      for (const segment of name.slice('LOGBERT__'.length).split('__')) {
        const key = Object.keys(node ?? {}).find(
          (one) => one.toLowerCase() === segment.toLowerCase(),
        );
        if (key === undefined) return true;
        node = node[key];
      }
      return false;
    });
  if (unknown.length > 0) throw new Error(`no such setting: ${unknown.join(', ')}`);
}

function composeMountsExist() {
  const { services } = parse(read(COMPOSE), { merge: true });
  const folders = Object.values(services)
    .flatMap(({ volumes }) => volumes ?? [])
    .map((volume) => volume.split(':')[0])
    .filter((source) => source.startsWith('.'));
  const missing = folders.filter((folder) => !existsSync(join(ROOT, 'deploy', folder)));
  if (missing.length > 0) throw new Error(`not there: ${missing.join(', ')}`);
}

function dockerfileSourcesExist() {
  const copies = [...read(DOCKERFILE).matchAll(/^COPY (?!--from)(.+)$/gm)];
  const sources = copies.flatMap(([, rest]) => rest.trim().split(/\s+/).slice(0, -1));
  const missing = sources.filter((source) => !existsSync(join(ROOT, source)));
  if (missing.length > 0) throw new Error(`not there: ${missing.join(', ')}`);
}

/** The manifests of a folder, or the error that building them gave. */
function build(folder) {
  try {
    return run('kustomize', ['build', folder]);
  } catch (error) {
    return error;
  }
}

function orSkip(manifests) {
  if (manifests instanceof Error) throw manifests;
  return manifests;
}

function parseAll(manifests) {
  return parseAllDocuments(manifests).map((document) => document.toJS());
}

function fitsSchemas(manifests) {
  const file = join(temporary, 'manifests.yaml');
  writeFileSync(file, manifests);
  run('kubernetes-validate', ['--strict', '--quiet', '--no-warn', file]);
}

/** Selectors find pods, ports have names, and volumes and variables come from objects that exist. */
function referencesHold(objects) {
  const of = (kind) => objects.filter((object) => object.kind === kind);
  const has = (kind, name) => of(kind).some(({ metadata }) => metadata.name === name);
  const deployments = of('Deployment');
  const problems = [];
  const finds = (selector) =>
    deployments.filter(({ spec }) => includes(spec.template.metadata.labels, selector ?? {}));

  for (const { metadata, spec } of of('Service')) {
    const found = finds(spec.selector);
    if (found.length === 0) problems.push(`Service ${metadata.name} selects no pod`);
    const ports = found.flatMap((one) =>
      containersOf(one).flatMap(({ ports: named }) => named ?? []),
    );
    for (const { targetPort } of spec.ports) {
      if (!ports.some(({ name }) => name === targetPort)) {
        problems.push(`Service ${metadata.name}: no port "${targetPort}"`);
      }
    }
  }
  for (const { metadata, spec } of of('PodDisruptionBudget')) {
    if (finds(spec.selector.matchLabels).length === 0) {
      problems.push(`PodDisruptionBudget ${metadata.name} selects no pod`);
    }
  }
  for (const { metadata, spec } of of('ServiceMonitor')) {
    const services = of('Service').filter(({ metadata: { labels } }) =>
      includes(labels, spec.selector.matchLabels),
    );
    if (services.length === 0) problems.push(`ServiceMonitor ${metadata.name} selects no Service`);
    for (const { port } of spec.endpoints) {
      const isNamed = services.every((one) => one.spec.ports.some(({ name }) => name === port));
      if (!isNamed) problems.push(`ServiceMonitor ${metadata.name}: no port "${port}"`);
    }
  }
  for (const { metadata, spec } of of('HorizontalPodAutoscaler')) {
    const { kind, name } = spec.scaleTargetRef;
    if (!has(kind, name))
      problems.push(`HorizontalPodAutoscaler ${metadata.name}: no ${kind} ${name}`);
  }
  for (const deployment of deployments) {
    const { name } = deployment.metadata;
    const pod = deployment.spec.template.spec;
    if (!has('ServiceAccount', pod.serviceAccountName)) problems.push(`${name}: no ServiceAccount`);
    for (const { configMap, persistentVolumeClaim: claim } of pod.volumes) {
      if (configMap && !has('ConfigMap', configMap.name))
        problems.push(`${name}: no ${configMap.name}`);
      if (claim && !has('PersistentVolumeClaim', claim.claimName)) {
        problems.push(`${name}: no ${claim.claimName}`);
      }
    }
    const variables = containersOf(deployment).flatMap(({ env = [] }) =>
      env.map((one) => one.name),
    );
    settingsExist(variables);
    // The base leaves the secret to the overlay.
    for (const { secretRef } of containersOf(deployment).flatMap(({ envFrom = [] }) => envFrom)) {
      const isBase = of('Namespace').length === 0;
      if (!isBase && !has('Secret', secretRef.name)) problems.push(`${name}: no ${secretRef.name}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

function podsAreLockedDown(objects) {
  const problems = [];
  for (const deployment of objects.filter(({ kind }) => kind === 'Deployment')) {
    const { name } = deployment.metadata;
    const pod = deployment.spec.template.spec;
    if (pod.securityContext?.runAsNonRoot !== true) problems.push(`${name} may run as root`);
    for (const container of containersOf(deployment)) {
      const rights = container.securityContext ?? {};
      if (rights.allowPrivilegeEscalation !== false) problems.push(`${name} may gain rights`);
      if (rights.readOnlyRootFilesystem !== true) problems.push(`${name} may write its root`);
      if (!rights.capabilities?.drop?.includes('ALL')) problems.push(`${name} keeps capabilities`);
      if (!container.resources?.limits?.memory) problems.push(`${name} has no memory limit`);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        if (!container[probe]) problems.push(`${name} has no ${probe}`);
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
}

function containersOf(deployment) {
  return deployment.spec.template.spec.containers;
}

function includes(labels = {}, wanted) {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
