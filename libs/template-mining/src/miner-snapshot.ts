import { z } from 'zod';
import type { DrainTreeState } from './drain-tree-state';
import type { MinerSettings } from './miner-settings';
import { SnapshotFailure } from './snapshot-failure';
import { templateIdOf } from './template-id';

const FORMAT = 'logbert/template-miner';
const VERSION = 1;

const nodeSchema = z.strictObject({
  clusterIds: z.array(z.int().positive()),
  get children() {
    return z.array(z.tuple([z.string(), nodeSchema]));
  },
});

const bodySchema = z.strictObject({
  settings: z.strictObject({
    depth: z.number(),
    similarity: z.number(),
    maxChildren: z.number(),
    maxClusters: z.number().nullable(),
    parametrizeNumericTokens: z.boolean(),
    masks: z.array(
      z.strictObject({
        name: z.string().exactOptional(),
        pattern: z.string(),
        isTrusted: z.boolean().exactOptional(),
      }),
    ),
    extraDelimiters: z.array(z.string()),
    maskPrefix: z.string(),
    maskSuffix: z.string(),
  }),
  state: z.strictObject({
    lastClusterId: z.int().nonnegative(),
    clusters: z.array(
      z.strictObject({
        clusterId: z.int().positive(),
        size: z.int().positive(),
        tokens: z.array(z.string()),
      }),
    ),
    tree: z.array(z.strictObject({ tokenCount: z.int().nonnegative(), node: nodeSchema })),
  }),
});

const envelopeSchema = z.object({
  format: z.literal(FORMAT),
  version: z.number(),
  checksum: z.string(),
  body: z.unknown(),
});

/** A miner as plain data that survives JSON. */
export interface MinerSnapshot {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** Hash of the body's JSON text. */
  readonly checksum: string;
  readonly body: z.infer<typeof bodySchema>;
}

export function buildSnapshot(settings: MinerSettings, state: DrainTreeState): MinerSnapshot {
  // Plain data only: what `JSON.parse` would give back, and nothing shared with the live tree.
  const body = bodySchema.parse(
    structuredClone({
      settings: { ...settings, maxClusters: settings.maxClusters ?? null },
      state,
    }),
  );
  return { format: FORMAT, version: VERSION, checksum: checksumOf(body), body };
}

/**
 * Reads a snapshot.
 *
 * @throws SnapshotFailure on another format or version, a checksum that differs or a missing part
 */
export function parseSnapshot(snapshot: unknown): {
  settings: MinerSettings;
  state: DrainTreeState;
} {
  const envelope = envelopeSchema.safeParse(snapshot);
  if (!envelope.success) throw new SnapshotFailure(`not a ${FORMAT} snapshot`);
  const { version, checksum } = envelope.data;
  if (version !== VERSION) throw new SnapshotFailure(`version ${version} is not ${VERSION}`);
  const body = bodySchema.safeParse(envelope.data.body);
  if (!body.success) throw new SnapshotFailure(z.prettifyError(body.error));
  if (checksumOf(body.data) !== checksum) throw new SnapshotFailure('the checksum differs');

  const { settings, state } = body.data;
  return { settings: { ...settings, maxClusters: settings.maxClusters ?? undefined }, state };
}

function checksumOf(body: z.infer<typeof bodySchema>): string {
  return templateIdOf(JSON.stringify(body));
}
