import { z } from 'zod';
import type { EngineState } from './grouping-engine';
import { DEFAULT_MINER_SETTINGS, type MinerSettings } from './miner-settings';
import { nestsDeeperThan } from './nesting';
import type { QuarantineState } from './quarantine';
import { SnapshotFailure } from './snapshot-failure';
import { readSnapshotText, type SnapshotText, writeSnapshot } from './snapshot-text';
import { templateIdOf } from './template-id';

const FORMAT = 'logbert/template-miner';
const VERSION = 2;
const HEAD = { format: FORMAT, version: VERSION } as const;
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
  engine: z.enum(['drain', 'flexible']),
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

export const quarantineSchema = z.strictObject({
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

const placesSchema = z.array(countSchema);

export const rowSchema = z.strictObject({
  clusterId: z.int().positive(),
  count: z.int().positive(),
  words: z.array(z.string().nullable()),
  forms: z.array(z.string().nullable()),
  gaps: placesSchema,
});

export const familySchema = z.strictObject({
  frame: z.string(),
  general: placesSchema,
  rows: z.array(rowSchema),
});

const familiesSchema = z.strictObject({
  lastClusterId: countSchema,
  families: z.array(familySchema),
});

const bodySchemaV1 = z.strictObject({ settings: settingsSchemaV1, state: treeSchema });

const bodySchema = z.strictObject({
  settings: settingsSchema,
  state: z.union([treeSchema, familiesSchema]),
  quarantine: quarantineSchema.nullable(),
});

/** What a miner has learned, apart from its settings. */
export interface MinerState {
  readonly engine: EngineState;
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
  readonly body: z.infer<typeof bodySchema>;
  /** Hash of the body's JSON text. */
  readonly checksum: string;
}

export function buildSnapshot(settings: MinerSettings, state: MinerState): MinerSnapshot {
  // Plain data only: what `JSON.parse` would give back, and nothing shared with the live tree.
  const body = bodySchema.parse(structuredClone(bodyOf(settings, state)));
  return { ...HEAD, body, checksum: checksumOf(body) };
}

/** The snapshot's text in pieces. */
export function buildSnapshotText(settings: MinerSettings, state: MinerState): SnapshotText {
  return writeSnapshot(HEAD, bodyOf(settings, state));
}

function bodyOf(settings: MinerSettings, { engine, quarantine }: MinerState): object {
  const { maxClusters, maxTokens, maxBytes } = settings;
  return {
    settings: {
      depth: settings.depth,
      similarity: settings.similarity,
      maxChildren: settings.maxChildren,
      maxClusters: maxClusters ?? null,
      parametrizeNumericTokens: settings.parametrizeNumericTokens,
      masks: settings.masks,
      extraDelimiters: settings.extraDelimiters,
      maskPrefix: settings.maskPrefix,
      maskSuffix: settings.maskSuffix,
      engine: settings.engine,
      maxTokens: maxTokens ?? null,
      maxBytes: maxBytes ?? null,
      quarantine: settings.quarantine ?? null,
    },
    state: engine,
    quarantine: quarantine ?? null,
  };
}

/**
 * Reads a snapshot's text; unlike `parseSnapshot` it also sees changes that leave the data the same.
 *
 * @throws SnapshotFailure when a character is missing, altered or too many
 */
export function parseSnapshotText(text: string): {
  settings: MinerSettings;
  state: MinerState;
  checksum: string;
} {
  const { body, checksum } = readSnapshotText(HEAD, text);
  if (nestsDeeperThan(body, MAX_NESTING)) throw new SnapshotFailure('it nests too deeply');
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new SnapshotFailure(z.prettifyError(parsed.error));
  return { ...partsOf(parsed.data), checksum };
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
    return partsOf(parseBody(bodySchema, body, checksum));
  }
  if (version === 1) {
    const { settings, state } = parseBody(bodySchemaV1, body, checksum);
    return {
      settings: {
        ...DEFAULT_MINER_SETTINGS,
        ...settings,
        engine: 'drain',
        maxClusters: settings.maxClusters ?? undefined,
      },
      state: { engine: state, quarantine: undefined },
    };
  }
  throw new SnapshotFailure(`version ${version} is neither ${VERSION} nor 1`);
}

function partsOf({ settings, state, quarantine }: MinerSnapshot['body']): {
  settings: MinerSettings;
  state: MinerState;
} {
  return {
    settings: {
      ...settings,
      maxClusters: settings.maxClusters ?? undefined,
      maxTokens: settings.maxTokens ?? undefined,
      maxBytes: settings.maxBytes ?? undefined,
      quarantine: settings.quarantine ?? undefined,
    },
    state: { engine: state, quarantine: quarantine ?? undefined },
  };
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
