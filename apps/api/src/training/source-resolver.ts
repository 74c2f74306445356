import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { TrainingSource } from '@logbert/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { LOCATIONS } from '../config/config.module';
import type { Locations } from '../config/locations';
import { InvalidRequestFailure } from '../problems/request-failure';
import type { ResolvedSource } from './training-order';

const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Finds what a training request names, inside the folders it may name and nowhere else. */
@Injectable()
export class SourceResolver {
  constructor(@Inject(LOCATIONS) private readonly locations: Locations) {}

  async resolve(source: TrainingSource): Promise<ResolvedSource> {
    switch (source.kind) {
      case 'stream':
        return source;
      case 'file':
        return this.file(this.locations.importDirectory, source.path, 'source.path');
      case 'upload':
        if (!UPLOAD_ID.test(source.uploadId)) throw missing('source.uploadId', source.uploadId);
        return this.file(this.locations.uploadDirectory, source.uploadId, 'source.uploadId');
    }
  }

  private async file(folder: string, name: string, field: string): Promise<ResolvedSource> {
    if (isAbsolute(name) || name.includes('\0')) {
      throw wrong(field, 'must be a path relative to the import directory');
    }
    const root = await realpath(folder).catch(() => undefined);
    // The real path: a symbolic link must not lead out of the folder either.
    const path = root && (await realpath(join(root, name)).catch(() => undefined));
    if (!root || !path) throw missing(field, name);
    const inside = relative(root, path);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw wrong(field, 'leads out of the import directory');
    }
    const found = await stat(path);
    if (!found.isFile()) throw wrong(field, 'is not a file');
    if (found.size === 0) throw wrong(field, 'is empty');
    return { kind: 'file', path };
  }
}

function missing(field: string, name: string): InvalidRequestFailure {
  return wrong(field, `there is no "${name}"`);
}

function wrong(field: string, reason: string): InvalidRequestFailure {
  return new InvalidRequestFailure([{ field, reason }]);
}
