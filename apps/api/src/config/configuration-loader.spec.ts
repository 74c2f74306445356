import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationFailure, type ConfigurationProblem } from './configuration-failure';
import { loadConfiguration } from './configuration-loader';

describe('loadConfiguration', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'logbert-config-'));
    mkdirSync(directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  const load = (environment: Record<string, string> = {}, ...flags: string[]) =>
    loadConfiguration({ directory, environment, flags });
  const problemsOf = (work: () => unknown): readonly ConfigurationProblem[] => {
    try {
      work();
    } catch (error) {
      if (error instanceof ConfigurationFailure) return error.problems;
      throw error;
    }
    return [];
  };

  it('lays profile, environment and flags over the default file', () => {
    write('default.yaml', 'server: { port: 1, host: a, requestsPerMinute: 9 }');
    write('embedded.yaml', 'server: { port: 2, host: b }');
    expect(load({ LOGBERT__SERVER__PORT: '3' }, '--server.port=4').server).toMatchObject({
      port: 4,
      host: 'b',
      requestsPerMinute: 9,
    });
  });

  it('takes the profile from the environment and a flag wins over it', () => {
    write('cluster.yaml', 'server: { port: 10 }');
    write('other.yaml', 'server: { port: 11 }');
    expect(load({ LOGBERT_PROFILE: 'cluster' }).server.port).toBe(10);
    expect(load({ LOGBERT_PROFILE: 'cluster' }, '--profile=other').server.port).toBe(11);
  });

  it('names a profile without a file', () => {
    expect(problemsOf(() => load({ LOGBERT_PROFILE: 'nowhere' }))[0]?.key).toBe('profile');
  });

  it.each([
    'LOGBERT__LOGSTREAM__BATCHSIZE',
    'LOGBERT__LOG_STREAM__BATCH_SIZE',
    'LOGBERT__logStream__batchSize',
  ])('finds the key of %s', (name) => {
    expect(load({ [name]: '7' }).logStream.batchSize).toBe(7);
  });

  it('reads JSON values and keeps text that only looks like a number', () => {
    const key = '1234567890123456';
    const configuration = load({
      LOGBERT__ROLES: '["api"]',
      LOGBERT__ARTIFACTS__S3__BUCKET: '42',
      LOGBERT__AUTH__APIKEYS: JSON.stringify([key]),
    });
    expect(configuration.roles).toEqual(['api']);
    expect(configuration.artifacts.s3.bucket).toBe('42');
    expect(configuration.auth.apiKeys).toEqual([key]);
  });

  it('reaches into the settings of one stream', () => {
    const configuration = load({ LOGBERT__STREAMS__SHOP__ALERTBUDGET: '0.01' });
    expect(configuration.streams['shop']?.alertBudget).toBe(0.01);
  });

  it('replaces a setting of another kind as a whole', () => {
    write(
      'default.yaml',
      'defaultStream: { window: { kind: session, idleMs: 500, maxLength: 9 } }',
    );
    write('embedded.yaml', 'defaultStream: { window: { kind: sliding, size: 5, stride: 5 } }');
    expect(load().defaultStream.window).toMatchObject({ kind: 'sliding', size: 5 });
  });

  it('takes DATABASE_URL, and its own variable before it', () => {
    const url = 'postgres://db/one';
    expect(load({ DATABASE_URL: url }).database.url).toBe(url);
    const own = { LOGBERT__DATABASE__URL: 'postgres://db/two' };
    expect(load({ DATABASE_URL: url, ...own }).database.url).toBe('postgres://db/two');
  });

  it('names every wrong key with its reason and source', () => {
    write('default.yaml', 'server: { prot: 1 }');
    const problems = problemsOf(() =>
      load({ LOGBERT__SERVER__PORT: '"high"' }, '--log.level=loud'),
    );
    expect(problems.map(({ key }) => key).sort()).toEqual([
      'log.level',
      'server.port',
      'server.prot',
    ]);
    const byKey = new Map(problems.map((problem) => [problem.key, problem]));
    expect(byKey.get('server.prot')).toMatchObject({ reason: 'unknown key' });
    expect(byKey.get('server.port')?.source).toBe('LOGBERT__SERVER__PORT');
    expect(byKey.get('log.level')?.source).toBe('command line');
  });

  it('tells a file that is no YAML', () => {
    write('default.yaml', 'server: [1');
    expect(problemsOf(() => load())[0]?.key).toBe('default.yaml');
  });

  it('refuses what is no flag', () => {
    expect(problemsOf(() => load({}, 'serve'))[0]?.key).toBe('serve');
  });
});
