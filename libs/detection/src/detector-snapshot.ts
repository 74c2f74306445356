import { CalibrationCells } from './calibration-cells';
import { z } from 'zod';
import { isByKeys } from './channel-cells';
import { SnapshotFailure } from './detection-failures';
import { unsettledSchema } from './unsettled-window';

const finite = z.number();
const whole = z.int().nonnegative();
const tokens = z.array(whole).readonly();

const scoreCalibrationSchema = z
  .object({
    scores: z.array(finite).min(1).readonly(),
    counts: z.array(z.int().positive()).readonly(),
    tailScale: z.number().positive(),
    censored: finite.nonnegative(),
  })
  .refine(({ scores, counts }) => scores.length === counts.length, {
    error: 'as many counts as scores are needed',
  })
  .readonly();

const channelCalibrationSchema = z
  .object({
    upper: z.array(scoreCalibrationSchema).min(1).readonly(),
    lower: z.array(scoreCalibrationSchema).min(1).readonly().optional(),
  })
  .readonly();

const modelChannelsSchema = z
  .object({
    'surprise-mean': channelCalibrationSchema,
    'surprise-max': channelCalibrationSchema,
    'surprise-top3': channelCalibrationSchema,
    entropy: channelCalibrationSchema,
    hypersphere: channelCalibrationSchema,
    /** Absent in bundles of models that do not tell it. */
    presence: channelCalibrationSchema.optional(),
  })
  .readonly();

const modelFreeChannelsSchema = z
  .object({
    rarity: channelCalibrationSchema,
    'count-vector': channelCalibrationSchema,
    ngram: channelCalibrationSchema,
    /** Absent in bundles of older versions. */
    'key-set': channelCalibrationSchema.optional(),
    novelty: channelCalibrationSchema,
  })
  .readonly();

const cellsSchema = z
  .object({
    groups: z.array(z.string()).readonly(),
    edges: tokens,
    groupEdges: z.array(tokens).readonly().optional(),
  })
  .readonly();

export const detectorSnapshotSchema = z
  .object({
    version: z.literal(1),
    /** Budget the bundle was made for; the stream's present one counts. */
    alertBudget: z.number().gt(0).lt(1),
    memory: z
      .object({
        vocabularySize: z.int().positive(),
        rarity: z
          .object({
            sets: z.array(tokens).readonly(),
            order: tokens,
            firsts: tokens.optional(),
            rare: tokens.optional(),
            accepted: tokens.optional(),
            untilRefresh: whole.optional(),
          })
          .readonly(),
        countVectors: z.object({ vectors: z.array(tokens).readonly(), windows: tokens }).readonly(),
        ngrams: z
          .object({ order: z.int().min(1), hashes: tokens, cutAt: whole.optional() })
          .readonly(),
        keySets: z
          .object({ sets: z.array(tokens).readonly(), windows: tokens })
          .readonly()
          .optional(),
        known: tokens,
        fresh: z
          .object({
            windows: z.array(z.array(z.int()).readonly()).readonly(),
            usual: z.array(z.tuple([z.int(), whole]).readonly()).readonly(),
          })
          .readonly()
          .optional(),
        trimShare: finite.optional(),
        learnt: z
          .object({
            tokens,
            vectors: z.array(tokens).readonly(),
            ngrams: tokens,
            keySets: z.array(tokens).readonly().optional(),
          })
          .readonly()
          .optional(),
      })
      .readonly(),
    cells: cellsSchema,
    /** Cells by the number of distinct keys; absent in bundles of older versions. */
    keyCells: cellsSchema.optional(),
    /** Windows whose verdict is not final; of a detector that has judged. */
    unsettled: unsettledSchema.optional(),
    /** Of the windows seen lately, as `RecentPValues` keeps them; of a detector that has judged. */
    recentPValues: z.array(z.int().nonnegative()).readonly().optional(),
    /** The same of what only grows, of those that were not flagged. */
    recentGrowingPValues: z.array(z.int().nonnegative()).readonly().optional(),
    modelFree: z
      .object({ channels: modelFreeChannelsSchema, combined: scoreCalibrationSchema })
      .readonly(),
    /** Null when the calibration windows had no score of a model. */
    model: z
      .object({
        channels: modelChannelsSchema,
        combined: scoreCalibrationSchema,
        /** The model's channels without the others; absent in bundles made before it was measured. */
        alone: scoreCalibrationSchema.optional(),
        /** Nats from which a single line counts as surprising. */
        surprisingNats: finite,
      })
      .readonly()
      .nullable(),
  })
  .readonly();

/** Everything a detector knows after calibration, as JSON. */
export type DetectorSnapshot = z.infer<typeof detectorSnapshotSchema>;

/** @throws SnapshotFailure naming the first field that is wrong */
export function parseDetectorSnapshot(value: unknown): DetectorSnapshot {
  const answer = detectorSnapshotSchema.safeParse(value);
  if (answer.success) return checkTokens(answer.data);
  const [issue] = answer.error.issues;
  throw new SnapshotFailure(
    `the calibration cannot be read: ${issue?.path.join('.') || 'value'}: ${issue?.message ?? 'invalid'}`,
    { cause: answer.error },
  );
}

function checkTokens(snapshot: DetectorSnapshot): DetectorSnapshot {
  const { memory, cells, keyCells = cells, modelFree, model, unsettled = [] } = snapshot;
  const { vocabularySize } = memory;
  const isInside = (token: number): boolean => token < vocabularySize;
  const areTokensInside =
    memory.known.every(isInside) &&
    unsettled.every(({ tokens }) => tokens.every(isInside)) &&
    memory.rarity.sets.every((keys) => keys.every(isInside)) &&
    (memory.keySets?.sets ?? []).every((keys) => keys.every(isInside)) &&
    memory.countVectors.vectors.every((pairs) =>
      pairs.every((v, at) => at % 2 === 1 || isInside(v)),
    );
  if (!areTokensInside) {
    throw new SnapshotFailure(
      `the calibration speaks of tokens outside its vocabulary of ${vocabularySize}`,
    );
  }
  const channels = Object.entries({ ...modelFree.channels, ...model?.channels });
  for (const [channel, calibration] of channels) {
    if (!calibration) continue;
    const { upper, lower } = calibration;
    const cellCount = CalibrationCells.restore(isByKeys(channel) ? keyCells : cells).count;
    if (upper.length !== cellCount || (lower && lower.length !== cellCount)) {
      throw new SnapshotFailure(
        `the calibration of ${channel} has ${upper.length} cells, and ${cellCount} are declared`,
      );
    }
  }
  return snapshot;
}
