import { z } from 'zod';
import type { DrainTreeState } from './drain-tree-state';
import { DEFAULT_MINER_SETTINGS, type MinerSettings } from './miner-settings';
import { nestsDeeperThan } from './nesting';
import type { QuarantineState } from './quarantine';
import { SnapshotFailure } from './snapshot-failure';
import { templateIdOf } from './template-id';

const FORMAT = 'logbert/template-miner';
const VERSION = 2;
/** A tree has 64 levels at most, and each nests three deep. */
const MAX_NESTING = 256;

const nodeSchema = z.strictObject({
  clusterIds: z.array(z.int().positive()),
  get children() {
    return z.array(z.tuple([z.string(), nodeSchema]));
  },
});

const countSchema = z.int().nonnegative();

const settingsSchemaV1 = z.strictObject({
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
});

const settingsSchema = settingsSchemaV1.extend({
  maxTokens: z.number().nullable(),
  maxBytes: z.number().nullable(),
  quarantine: z
    .strictObject({
      windowLines: z.number(),
      createdShare: z.number(),
      windows: z.number(),
      restLines: z.number(),
    })
    .nullable(),
});

const treeSchema = z.strictObject({
  lastClusterId: countSchema,
  clusters: z.array(
    z.strictObject({
      clusterId: z.int().positive(),
      size: z.int().positive(),
      tokens: z.array(z.string()),
    }),
  ),
  tree: z.array(z.strictObject({ tokenCount: countSchema, node: nodeSchema })),
});

const quarantineSchema = z.strictObject({
  phase: z.enum(['grouping', 'quarantined', 'trying']),
  linesLeft: countSchema,
  streak: countSchema,
  createdInStreak: countSchema,
  restLines: countSchema,
  refusedLines: countSchema,
  createdBefore: countSchema,
  forgottenBefore: countSchema,
  reason: z.strictObject({ lines: countSchema, created: countSchema, forgotten: countSchema }),
});

const bodySchemaV1 = z.strictObject({ settings: settingsSchemaV1, state: treeSchema });

const bodySchema = z.strictObject({
  settings: settingsSchema,
  state: treeSchema,
  quarantine: quarantineSchema.nullable(),
});

/** What a miner has learned, apart from its settings. */
export interface MinerState {
  readonly tree: DrainTreeState;
  readonly quarantine: QuarantineState | undefined;
}

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

export function buildSnapshot(settings: MinerSettings, state: MinerState): MinerSnapshot {
  const { maxClusters = null, maxTokens = null, maxBytes = null, quarantine = null } = settings;
  // Plain data only: what `JSON.parse` would give back, and nothing shared with the live tree.
  const body = bodySchema.parse(
    structuredClone({
      settings: { ...settings, maxClusters, maxTokens, maxBytes, quarantine },
      state: state.tree,
      quarantine: state.quarantine ?? null,
    }),
  );
  return { format: FORMAT, version: VERSION, checksum: checksumOf(body), body };
}

/**
 * Reads a snapshot of this version or of version 1, which knew no limits but that of clusters.
 *
 * @throws SnapshotFailure on another format or version, a checksum that differs or a missing part
 */
export function parseSnapshot(snapshot: unknown): { settings: MinerSettings; state: MinerState } {
  const envelope = envelopeSchema.safeParse(snapshot);
  if (!envelope.success) throw new SnapshotFailure(`not a ${FORMAT} snapshot`);
  const { version, checksum, body } = envelope.data;
  if (nestsDeeperThan(body, MAX_NESTING)) throw new SnapshotFailure('it nests too deeply');
  if (version === VERSION) {
    const { settings, state, quarantine } = parseBody(bodySchema, body, checksum);
    return {
      settings: {
        ...settings,
        maxClusters: settings.maxClusters ?? undefined,
        maxTokens: settings.maxTokens ?? undefined,
        maxBytes: settings.maxBytes ?? undefined,
        quarantine: settings.quarantine ?? undefined,
      },
      state: { tree: state, quarantine: quarantine ?? undefined },
    };
  }
  if (version === 1) {
    const { settings, state } = parseBody(bodySchemaV1, body, checksum);
    return {
      settings: {
        ...DEFAULT_MINER_SETTINGS,
        ...settings,
        maxClusters: settings.maxClusters ?? undefined,
      },
      state: { tree: state, quarantine: undefined },
    };
  }
  throw new SnapshotFailure(`version ${version} is neither ${VERSION} nor 1`);
}

function parseBody<Body>(schema: z.ZodType<Body>, value: unknown, checksum: string): Body {
  const body = schema.safeParse(value);
  if (!body.success) throw new SnapshotFailure(z.prettifyError(body.error));
  if (checksumOf(body.data) !== checksum) throw new SnapshotFailure('the checksum differs');
  return body.data;
}

function checksumOf(body: unknown): string {
  return templateIdOf(JSON.stringify(body));
}
