import { createHash } from 'node:crypto';
import {
  BUNDLE_FILES,
  bundleManifestSchema,
  MANIFEST_FILE,
  type BundleFile,
  type BundleManifest,
} from '@logbert/contracts';
import { BundleCorruptFailure } from './artifact-failures';
import type { ArtifactStore } from './artifact-store';

export type BundleFiles = Readonly<Record<BundleFile, Uint8Array>>;

/** Model versions in the store: some files and a manifest that vouches for them. */
export class ModelBundles {
  constructor(private readonly store: ArtifactStore) {}

  /** The manifest is written last: a bundle that has one is whole. */
  async save(bundle: {
    readonly modelId: string;
    readonly stream: string;
    readonly createdAt: number;
    readonly files: BundleFiles;
  }): Promise<BundleManifest> {
    const { modelId, stream, createdAt, files } = bundle;
    const manifest = bundleManifestSchema.parse({
      formatVersion: 1,
      modelId,
      stream,
      createdAt,
      files: Object.fromEntries(
        BUNDLE_FILES.map((file) => [
          file,
          { bytes: files[file].byteLength, sha256: sha256(files[file]) },
        ]),
      ),
    });
    await Promise.all(
      BUNDLE_FILES.map((file) => this.store.put(keyOf(modelId, file), files[file])),
    );
    const json = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
    await this.store.put(keyOf(modelId, MANIFEST_FILE), json);
    return manifest;
  }

  /**
   * The files of a bundle, each checked against the manifest.
   * @throws ArtifactMissingFailure when the bundle or one of its files is not there
   * @throws BundleCorruptFailure naming the file and both sums
   */
  async load(modelId: string): Promise<Record<BundleFile, Uint8Array>> {
    const manifest = await this.manifest(modelId);
    const loaded = await Promise.all(
      BUNDLE_FILES.map(async (file) => {
        const bytes = await this.store.get(keyOf(modelId, file));
        const expected = manifest.files[file]?.sha256 ?? 'to be in the manifest';
        const actual = sha256(bytes);
        if (expected !== actual) {
          throw new BundleCorruptFailure(modelId, file, `SHA-256 ${expected}`, actual);
        }
        return [file, bytes] as const;
      }),
    );
    return Object.fromEntries(loaded) as Record<BundleFile, Uint8Array>;
  }

  async manifest(modelId: string): Promise<BundleManifest> {
    const bytes = await this.store.get(keyOf(modelId, MANIFEST_FILE));
    const parsed = bundleManifestSchema.safeParse(parseJson(bytes));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue === undefined ? '' : `: ${issue.path.join('.')}: ${issue.message}`;
      throw new BundleCorruptFailure(
        modelId,
        MANIFEST_FILE,
        'a manifest',
        `something else${where}`,
      );
    }
    return parsed.data;
  }

  /** Whether the bundle was saved to its end; its files are not checked. */
  async has(modelId: string): Promise<boolean> {
    const keys = await this.store.list(folderOf(modelId));
    return keys.includes(keyOf(modelId, MANIFEST_FILE));
  }

  async remove(modelId: string): Promise<void> {
    await this.store.remove(folderOf(modelId));
  }
}

function folderOf(modelId: string): string {
  return `models/${modelId}`;
}

function keyOf(modelId: string, file: string): string {
  return `${folderOf(modelId)}/${file}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
