import type { BundleFile, DetectionConfig } from '@logbert/contracts';
import { LogBertScorer } from '@logbert/logbert';
import type { OpenGraph } from '@logbert/onnx-graph';
import { Vocabulary } from '@logbert/sequences';
import { TemplateMiner } from '@logbert/template-mining';
import { KindDetectors } from './kind-detectors';
import { BundleFailure } from './pipeline-failure';
import { ScoreCache } from './score-cache';
import { TemplateCatalogue } from './template-catalogue';

const CACHED_WINDOWS = 50_000;
export const ALTERNATIVES = 5;

/** A trained model, open and checked, ready for any number of detectors of one thread. */
export interface LoadedBundle {
  readonly modelId: string;
  readonly miner: TemplateMiner;
  readonly vocabulary: Vocabulary;
  readonly catalogue: TemplateCatalogue;
  readonly scores: ScoreCache;
  /** Snapshot of the calibrated detector; each detector restores its own, since judging moves its windows. */
  readonly calibration: unknown;
  close(): Promise<void>;
}

/**
 * Opens the files of a bundle and checks that they fit each other.
 *
 * @param threads that the network may use; left out, one a core
 * @throws BundleFailure naming the file at fault
 */
export async function loadBundle(
  modelId: string,
  files: Readonly<Record<BundleFile, Uint8Array>>,
  openGraph: OpenGraph,
  detection: DetectionConfig,
  threads?: number,
): Promise<LoadedBundle> {
  const { catalogue, miner } = guarded('templates.json', () =>
    TemplateCatalogue.parse(textOf(files['templates.json'])),
  );
  const tree = guarded('templates.json', () => TemplateMiner.restore(miner));
  const vocabulary = guarded('vocabulary.json', () =>
    Vocabulary.restore(JSON.parse(textOf(files['vocabulary.json']))),
  );
  guarded('vocabulary.json', () => checkKeys(vocabulary, tree));
  const calibration = guarded('calibration.json', () =>
    checkedCalibration(JSON.parse(textOf(files['calibration.json'])), vocabulary.size),
  );
  const scorer = await LogBertScorer.open(files['model.onnx'], openGraph, {
    passes: detection.passes,
    alternatives: ALTERNATIVES,
    ...(threads === undefined ? {} : { threads }),
  });
  if (scorer.architecture.vocabularySize !== vocabulary.size) {
    await scorer.close();
    throw new BundleFailure(
      'model.onnx',
      `made for ${scorer.architecture.vocabularySize} log keys, but vocabulary.json has ${vocabulary.size}`,
    );
  }
  return {
    modelId,
    miner: tree,
    vocabulary,
    catalogue,
    scores: new ScoreCache((windows) => scorer.score(windows), CACHED_WINDOWS),
    calibration,
    close: () => scorer.close(),
  };
}

/** A key that no line is ever given tells of the templates of another model: every line would look new. */
function checkKeys(vocabulary: Vocabulary, miner: TemplateMiner): void {
  const known = new Set<string>(miner.templates().map(({ id }) => id));
  const foreign = vocabulary.snapshot().keys.filter((key) => !known.has(key));
  if (foreign.length === 0) return;
  throw new RangeError(
    `${foreign.length} of its keys, "${foreign[0]}" first, are no template of templates.json`,
  );
}

/** Restores a detector once, so that a bad snapshot is refused here and not at the first window. */
function checkedCalibration(snapshot: unknown, vocabularySize: number): unknown {
  const sizes = KindDetectors.restore(snapshot, { alertBudget: 0.01 }).vocabularySizes;
  const other = sizes.find((size) => size !== vocabularySize);
  if (other === undefined) return snapshot;
  throw new RangeError(`made for ${other} log keys, but vocabulary.json has ${vocabularySize}`);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function guarded<T>(file: BundleFile, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BundleFailure) throw error;
    throw new BundleFailure(file, error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
