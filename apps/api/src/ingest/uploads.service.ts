import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TrainingConfig, Upload } from '@logbert/contracts';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LOCATIONS, TRAINING_CONFIG } from '../config/config.module';
import type { Locations } from '../config/locations';
import { BodyTooLargeFailure, InvalidRequestFailure } from '../problems/request-failure';

const UNFINISHED = '.part';
const KEPT_MS = 7 * 24 * 3_600_000;

/** Files sent to be trained on. They stay for a week. */
@Injectable()
export class UploadsService implements OnApplicationBootstrap {
  private readonly folder: string;

  constructor(
    @Inject(LOCATIONS) { uploadDirectory }: Locations,
    @Inject(TRAINING_CONFIG) private readonly config: TrainingConfig,
  ) {
    this.folder = uploadDirectory;
  }

  /** Clears away what a crash left unfinished and what is too old. */
  async onApplicationBootstrap(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const isOld = await stat(path).then(({ mtimeMs }) => mtimeMs < Date.now() - KEPT_MS);
      if (isOld || name.endsWith(UNFINISHED)) await rm(path, { force: true });
    }
  }

  /** Streams a body to the disk; nothing of it remains when it fails. */
  async keep(body: Readable): Promise<Upload> {
    const uploadId = randomUUID();
    const path = join(this.folder, uploadId);
    const gauge = new ByteGauge(this.config.uploadLimitBytes);
    await mkdir(this.folder, { recursive: true });
    try {
      await pipeline(body, gauge, createWriteStream(path + UNFINISHED, { flush: true }));
      if (gauge.bytes === 0) {
        throw new InvalidRequestFailure([{ field: 'body', reason: 'is empty' }]);
      }
      await rename(path + UNFINISHED, path);
    } catch (error) {
      await rm(path + UNFINISHED, { force: true });
      throw error;
    }
    return { uploadId, bytes: gauge.bytes };
  }
}

/** Counts the bytes that pass and stops at a limit. */
class ByteGauge extends Transform {
  bytes = 0;

  constructor(private readonly limit: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    if (this.bytes > this.limit) done(new BodyTooLargeFailure(this.limit));
    else done(null, chunk);
  }
}
