import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildScoringModel, LogBertScorer, trainLogBert, type Precision } from '@logbert/logbert';
import { int32, int64, numbersOf, type OpenGraph, type Tensor } from '@logbert/onnx-graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGraph } from './open-graph';

/** Reads `{ model, runs: [feeds] }` and prints the outputs of each run. */
const PROGRAM = `
import json, sys
import numpy, onnxruntime

job = json.load(sys.stdin)
options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]
answers = []
for run in job["runs"]:
    feeds = {n: numpy.array(f["values"], dtype=f["type"]).reshape(f["dims"]) for n, f in run.items()}
    outputs = session.run(names, feeds)
    answers.append({n: [float(x) for x in o.ravel()] for n, o in zip(names, outputs)})
print(json.dumps(answers))
`;

const python = [process.env['LOGBERT_TEST_PYTHON'], 'python3'].find(
  (name) => name !== undefined && spawnSync(name, ['-c', 'import onnxruntime, numpy']).status === 0,
);
if (python === undefined) {
  console.warn('skipped: no Python with onnxruntime and numpy (set LOGBERT_TEST_PYTHON)');
}

const [A, B, C, D, UNKNOWN] = [4, 5, 6, 7, 3];
const WINDOWS = [[A, B, C, D], [A, C, B, D, A, B], [D], [A, UNKNOWN, C]].map((tokens) =>
  Int32Array.from(tokens),
);

type Run = Readonly<Record<string, Tensor>>;

describe.skipIf(python === undefined)("Python's onnxruntime", () => {
  let folder: string;
  let models: Readonly<Record<Precision, Uint8Array>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'logbert-onnx-'));
    const trained = await trainLogBert({
      training: Array.from({ length: 40 }, (_, i) =>
        Int32Array.from(Array.from({ length: 1 + (i % 3) }, () => [A, B, C, D]).flat()),
      ),
      validation: [],
      architecture: {
        vocabularySize: 8,
        hidden: 32,
        layers: 2,
        heads: 4,
        feedForward: 64,
        maxLength: 16,
        dropout: 0.1,
      },
      settings: {
        epochs: 3,
        batchSize: 16,
        learningRate: 3e-3,
        weightDecay: 0.01,
        maskRatio: 0.3,
        hypersphereWeight: 0.1,
        patience: 3,
        gradientClip: 1,
        warmupShare: 0.1,
      },
      openGraph,
      random: () => 0.5,
      now: () => performance.now(),
    });
    models = {
      fp32: buildScoringModel(trained, { precision: 'fp32' }),
      int8: buildScoringModel(trained, { precision: 'int8' }),
    };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['fp32', 'int8'] as const)(
    'gives the same scores with a %s model.onnx',
    async (precision) => {
      const runs: Run[] = [];
      const ours: Run[] = [];
      /** Every run of the scorer as it is, with what came of it. */
      const listening: OpenGraph = async (model, options) => {
        const graph = await openGraph(model, options);
        return {
          run: async (feeds) => {
            const results = await graph.run(feeds);
            runs.push(feeds);
            ours.push(results);
            return results;
          },
          close: () => graph.close(),
        };
      };
      const scorer = await LogBertScorer.open(models[precision], listening, {
        passes: 4,
        alternatives: 3,
        batchSize: 5,
      });
      await scorer.score(WINDOWS);
      await scorer.close();
      expect(runs.length).toBeGreaterThan(1);

      const theirs = answersOf(models[precision], runs);
      for (const [index, results] of ours.entries()) {
        expect(Object.keys(theirs[index] ?? {}).sort()).toEqual(Object.keys(results).sort());
        for (const [name, tensor] of Object.entries(results)) {
          const answers = theirs[index]?.[name] ?? [];
          expect(answers).toHaveLength(tensor.data.length);
          for (const [at, value] of numbersOf(tensor).entries()) {
            expect(answers[at]).toBeCloseTo(value, 4);
          }
        }
      }
    },
  );

  it('takes batches and lengths of any size up to the longest', () => {
    // Two sequences of 16, time before batch: every place is a pair of its own.
    const tokens = Int32Array.from({ length: 32 }, (_, at) => (at < 2 ? 1 : A + (at % 4)));
    const positions = tokens.map((_, at) => Math.floor(at / 2));
    const [answers] = answersOf(models.fp32, [
      {
        tokens: int32([32], tokens),
        positions: int32([32], positions),
        places: int32([16, 2], Int32Array.from(tokens.keys())),
        asked: int32([2, 2], [10, 11, 0, 1]),
        rows: int32([3], [0, 2, 3]),
        targets: int32([3, 1], [1, 1, 1]),
        alternatives: int64([1], [5]),
        pairs: int32([2], [0, 3]),
      },
    ]);
    expect(answers?.['surprise']).toHaveLength(3);
    expect(answers?.['topProbabilities']).toHaveLength(15);
    expect(answers?.['pairProbabilities']).toHaveLength(2);
    const [first = []] = [answers?.['topProbabilities']?.slice(0, 5)];
    expect(first.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
  });

  function answersOf(
    model: Uint8Array,
    runs: readonly Run[],
  ): readonly Readonly<Record<string, readonly number[]>>[] {
    const file = join(folder, 'model.onnx');
    writeFileSync(file, model);
    const asJson = runs.map((feeds) =>
      Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => [
          name,
          { type: tensor.type, dims: tensor.dims, values: numbersOf(tensor) },
        ]),
      ),
    );
    const { status, stdout, stderr } = spawnSync(python ?? '', ['-c', PROGRAM], {
      input: JSON.stringify({ model: file, runs: asJson }),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    expect(status === 0 ? '' : stderr).toBe('');
    return JSON.parse(stdout) as readonly Readonly<Record<string, readonly number[]>>[];
  }
});
