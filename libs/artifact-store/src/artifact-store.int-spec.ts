import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactsConfigSchema, BUNDLE_FILES } from '@logbert/contracts';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ArtifactKeyFailure,
  ArtifactMissingFailure,
  ArtifactStoreRefusedFailure,
  ArtifactStoreUnavailableFailure,
  BundleCorruptFailure,
} from './artifact-failures';
import type { ArtifactStore } from './artifact-store';
import { FileArtifactStore } from './file-artifact-store';
import { ModelBundles, type BundleFiles } from './model-bundles';
import { S3ArtifactStore } from './s3-artifact-store';

const BUCKET = 'models';
let directory: string;
let server: FauxqsServer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'logbert-artifacts-'));
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket(BUCKET);
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const s3 = (overrides: object = {}) =>
  new S3ArtifactStore(
    artifactsConfigSchema.parse({
      kind: 's3',
      s3: {
        bucket: BUCKET,
        endpoint: server.address,
        forcePathStyle: true,
        accessKeyId: 'test',
        secretAccessKey: 'test',
        ...overrides,
      },
    }).s3,
  );
const bytes = (text: string) => new TextEncoder().encode(text);

describe.each([
  { kind: 'files', open: (): ArtifactStore => new FileArtifactStore(join(directory, 'store')) },
  { kind: 'S3', open: (): ArtifactStore => s3() },
])('artifacts as $kind', ({ open }) => {
  let store: ArtifactStore;
  beforeAll(() => {
    store = open();
  });

  it('gives back what was put, the newest of it', async () => {
    await store.put('a/b.bin', bytes('one'));
    await store.put('a/b.bin', bytes('two'));
    expect(Buffer.from(await store.get('a/b.bin')).toString()).toBe('two');
    await store.put('a/empty', new Uint8Array(0));
    expect(await store.get('a/empty')).toHaveLength(0);
  });

  it('keeps twenty megabytes', async () => {
    const large = new Uint8Array(20 * 1_024 * 1_024).map((_, place) => (place * 7) % 251);
    await store.put('large/model.onnx', large);
    expect(Buffer.compare(await store.get('large/model.onnx'), large)).toBe(0);
  });

  it('lists and removes a folder, and not its neighbour', async () => {
    for (const key of ['m/1/x', 'm/1/y/z', 'm/10/x']) await store.put(key, bytes(key));
    expect(await store.list('m/1')).toEqual(['m/1/x', 'm/1/y/z']);
    await store.remove('m/1/');
    expect(await store.list('m')).toEqual(['m/10/x']);
    await store.remove('nothing/here');
    expect(await store.list('nothing/here')).toEqual([]);
    expect(await store.list('')).toContain('m/10/x');
  });

  it('says what is missing', async () => {
    await expect(store.get('a/nothing')).rejects.toThrow(ArtifactMissingFailure);
  });

  it.each([
    '../secret',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    'a\\..\\b',
    '.hidden',
    '',
    'a/\0',
    'ä',
  ])('refuses the key %j', async (key) => {
    await expect(store.get(key)).rejects.toThrow(ArtifactKeyFailure);
    await expect(store.put(key, bytes('x'))).rejects.toThrow(ArtifactKeyFailure);
  });

  it('is healthy', async () => {
    expect(await store.isHealthy()).toBe(true);
  });

  describe('model bundles', () => {
    const files = Object.fromEntries(
      BUNDLE_FILES.map((file) => [file, bytes(`content of ${file}`)]),
    ) as BundleFiles;
    const save = async (modelId: string) => {
      const bundles = new ModelBundles(store);
      await bundles.save({ modelId, stream: 'shop', createdAt: 5, files });
      return bundles;
    };

    it('loads what was saved', async () => {
      const bundles = await save('m1');
      const loaded = await bundles.load('m1');
      for (const file of BUNDLE_FILES) expect(Buffer.compare(loaded[file], files[file])).toBe(0);
      expect(await bundles.manifest('m1')).toMatchObject({ modelId: 'm1', stream: 'shop' });
      expect(await bundles.has('m1')).toBe(true);
      await bundles.remove('m1');
      expect(await bundles.has('m1')).toBe(false);
      await expect(bundles.load('m1')).rejects.toThrow(ArtifactMissingFailure);
    });

    it('refuses a changed file by its name and both sums', async () => {
      const bundles = await save('m2');
      await store.put('models/m2/vocabulary.json', bytes('changed'));
      const failure = await bundles.load('m2').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(BundleCorruptFailure);
      expect(failure).toMatchObject({ file: 'vocabulary.json', retriable: false });
      expect(String(failure)).toMatch(/SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/);
    });

    it('refuses a bundle without a file or with a broken manifest', async () => {
      const bundles = await save('m3');
      await store.remove('models/m3/templates.json');
      await expect(bundles.load('m3')).rejects.toThrow(ArtifactMissingFailure);
      await store.put('models/m3/manifest.json', bytes('{'));
      await expect(bundles.load('m3')).rejects.toThrow(BundleCorruptFailure);
    });
  });
});

describe('FileArtifactStore', () => {
  it('does not list what a crash left half written', async () => {
    const folder = join(directory, 'crashed');
    const store = new FileArtifactStore(folder);
    await store.put('m/file', bytes('x'));
    await writeFile(join(folder, 'm', '.new-1'), 'half');
    expect(await store.list('m')).toEqual(['m/file']);
    expect(await readdir(join(folder, 'm'))).toHaveLength(2);
  });

  it('is not healthy where it cannot be', async () => {
    await writeFile(join(directory, 'a-file'), '');
    const store = new FileArtifactStore(join(directory, 'a-file', 'store'));
    expect(await store.isHealthy()).toBe(false);
    await expect(store.put('a', bytes('x'))).rejects.toThrow(ArtifactStoreRefusedFailure);
  });
});

describe('S3ArtifactStore', () => {
  it('says that a bucket is missing', async () => {
    const store = s3({ bucket: 'nobody' });
    expect(await store.isHealthy()).toBe(false);
    await expect(store.put('a', bytes('x'))).rejects.toThrow(ArtifactStoreRefusedFailure);
  });

  it('calls a server that is away or failing a reason to try again', async () => {
    const failing = createServer((_request, response) => {
      response.statusCode = 503;
      response.end();
    });
    await new Promise<void>((resolve) => failing.listen(0, '127.0.0.1', resolve));
    const { port } = failing.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    await expect(s3({ endpoint }).get('a')).rejects.toThrow(ArtifactStoreUnavailableFailure);
    await new Promise((resolve) => failing.close(resolve));
    await expect(s3({ endpoint }).get('a')).rejects.toThrow(ArtifactStoreUnavailableFailure);
    expect(await s3({ endpoint }).isHealthy()).toBe(false);
  });
});
