import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ArtifactsConfig } from '@logbert/contracts';
import {
  ArtifactMissingFailure,
  ArtifactStoreRefusedFailure,
  ArtifactStoreUnavailableFailure,
} from './artifact-failures';
import { keyPath, prefixPath } from './artifact-key';
import type { ArtifactStore } from './artifact-store';

export type S3Config = Readonly<ArtifactsConfig['s3']>;

const CONNECT_TIMEOUT_MS = 5_000;
/** Silence of a request after which it is given up. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEALTH_TIMEOUT_MS = 3_000;
const ATTEMPTS = 4;
/** S3 deletes so many objects in one request. */
const DELETE_AT_ONCE = 1_000;

/** Artifacts as objects of a bucket, in S3 or a server that speaks its protocol. */
export class S3ArtifactStore implements ArtifactStore {
  private readonly client: S3Client;

  constructor(private readonly config: S3Config) {
    const { region, endpoint, forcePathStyle, accessKeyId, secretAccessKey } = config;
    this.client = new S3Client({
      region,
      forcePathStyle,
      maxAttempts: ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
      // Servers other than Amazon's often do not know the newer checksums; bundles carry SHA-256.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint === null ? {} : { endpoint }),
      ...(accessKeyId === null || secretAccessKey === null
        ? {}
        : { credentials: { accessKeyId, secretAccessKey } }),
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const upload = new Upload({
      client: this.client,
      params: { Bucket: this.config.bucket, Key: this.objectKey(keyPath(key)), Body: bytes },
      leavePartsOnError: false,
    });
    await upload.done().catch((error) => {
      throw translate(`put ${key}`, error);
    });
  }

  async get(key: string): Promise<Uint8Array> {
    const Key = this.objectKey(keyPath(key));
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand({ Bucket: this.config.bucket, Key }),
      );
      if (Body === undefined) throw new ArtifactMissingFailure(key);
      return await Body.transformToByteArray();
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') {
        throw new ArtifactMissingFailure(key, { cause: error });
      }
      throw translate(`get ${key}`, error);
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const names = prefixPath(prefix);
    const keys: string[] = [];
    try {
      const pages = paginateListObjectsV2(
        { client: this.client },
        { Bucket: this.config.bucket, Prefix: this.folderKey(names) },
      );
      for await (const { Contents = [] } of pages) {
        for (const { Key } of Contents) {
          if (Key !== undefined) keys.push(Key.slice(this.folderKey([]).length));
        }
      }
    } catch (error) {
      throw translate(`list ${prefix}`, error);
    }
    return keys.sort();
  }

  async remove(prefix: string): Promise<void> {
    const names = prefixPath(prefix);
    const below = await this.list(prefix);
    const keys = names.length === 0 ? below : [names.join('/'), ...below];
    for (let start = 0; start < keys.length; start += DELETE_AT_ONCE) {
      const Objects = keys
        .slice(start, start + DELETE_AT_ONCE)
        .map((key) => ({ Key: this.folderKey([]) + key }));
      try {
        const { Errors = [] } = await this.client.send(
          new DeleteObjectsCommand({
            Bucket: this.config.bucket,
            Delete: { Objects, Quiet: true },
          }),
        );
        const [first] = Errors;
        if (first !== undefined) throw new Error(`${first.Key}: ${first.Code}: ${first.Message}`);
      } catch (error) {
        throw translate(`remove ${prefix}`, error);
      }
    }
  }

  async isHealthy(): Promise<boolean> {
    return this.client
      .send(new HeadBucketCommand({ Bucket: this.config.bucket }), {
        abortSignal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
      })
      .then(
        () => true,
        () => false,
      );
  }

  close(): void {
    this.client.destroy();
  }

  private objectKey(names: readonly string[]): string {
    return this.folderKey([]) + names.join('/');
  }

  /** The beginning of every key below the folder. */
  private folderKey(names: readonly string[]): string {
    const root = this.config.prefix.replace(/^\/+|\/+$/g, '');
    const path = [...(root === '' ? [] : [root]), ...names];
    return path.length === 0 ? '' : `${path.join('/')}/`;
  }
}

function translate(operation: string, error: unknown): unknown {
  if (error instanceof ArtifactMissingFailure) return error;
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  const isRefused =
    (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) ||
    (error instanceof Error && error.name === 'CredentialsProviderError');
  return isRefused
    ? new ArtifactStoreRefusedFailure(operation, error)
    : new ArtifactStoreUnavailableFailure(operation, error);
}
