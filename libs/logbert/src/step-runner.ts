import { float32, type Graph, type OpenGraph, type Tensor } from '@logbert/onnx-graph';
import type { Architecture, TrainingSettings } from './architecture';
import { DropoutPool } from './dropout-pool';
import { learningRateAt } from './learning-rate';
import type { Bucket } from './length-buckets';
import type { Sample } from './sample-set';
import { maskedCount, maskRatioBounds, TrainingBatch } from './training-batch';
import {
  buildTrainingGraph,
  EPSILON,
  FIRST_DECAY,
  SECOND_DECAY,
  type StepShape,
} from './training-graph';

/** Everything that a step changes. */
export interface OptimiserState {
  readonly parameters: Float32Array;
  /** First and second moment of the gradient. */
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export interface StepResult {
  /** Mean nats of a masked key. */
  readonly loss: number;
  /** Norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Sum of the weights of the masked keys that the loss is a mean of. */
  readonly weight: number;
  /** Positions computed that were not padding. */
  readonly positions: number;
}

interface OpenBucket {
  readonly graph: Graph;
  readonly batch: TrainingBatch;
  readonly dropoutSizes: readonly (readonly number[])[];
}

/**
 * Runs training steps. The parameters and moments exist twice: a step reads one set and writes the other, in
 * memory that was allocated once, and then they change places.
 */
export class StepRunner {
  private present: OptimiserState;
  private next: OptimiserState;
  private readonly results = { loss: new Float32Array(1), gradientNorm: new Float32Array(1) };

  private constructor(
    private readonly settings: TrainingSettings,
    private readonly steps: number,
    private readonly buckets: readonly OpenBucket[],
    private readonly pool: DropoutPool,
    state: OptimiserState,
  ) {
    this.present = state;
    const size = state.parameters.length;
    this.next = {
      parameters: new Float32Array(size),
      first: new Float32Array(size),
      second: new Float32Array(size),
    };
  }

  /**
   * Builds and opens one graph a bucket.
   *
   * @param input `steps`: of the whole training; `random` draws the dropout masks; `state` is used in place
   */
  static async open(input: {
    readonly architecture: Architecture;
    readonly settings: TrainingSettings;
    readonly buckets: readonly Bucket[];
    readonly steps: number;
    /** Mean weight of the windows of an epoch. */
    readonly meanWeight: number;
    readonly state: OptimiserState;
    readonly random: () => number;
    readonly openGraph: OpenGraph;
    readonly options: { readonly threads?: number };
  }): Promise<StepRunner> {
    const { architecture, settings } = input;
    const buckets: OpenBucket[] = [];
    try {
      for (const { length, batch } of input.buckets) {
        const masked = maskedCount(length - 1, maskRatioBounds(settings.maskRatio).to);
        const shape: StepShape = { batch, length, masked };
        const built = buildTrainingGraph(architecture, shape, settings.gradientClip);
        buckets.push({
          graph: await input.openGraph(built.model, input.options),
          batch: new TrainingBatch(
            shape,
            architecture.vocabularySize,
            settings.maskRatio,
            input.meanWeight,
          ),
          dropoutSizes: built.dropoutSizes,
        });
      }
    } catch (failure) {
      await Promise.all(buckets.map(({ graph }) => graph.close()));
      throw failure;
    }
    const sizes = buckets.flatMap(({ dropoutSizes }) => dropoutSizes.map(productOf));
    const pool = new DropoutPool(architecture.dropout, Math.max(0, ...sizes), input.random);
    return new StepRunner(settings, input.steps, buckets, pool, input.state);
  }

  /** The parameters and moments after the last step that was accepted. */
  get state(): OptimiserState {
    return this.present;
  }

  /**
   * Trains on one step's windows. A step whose loss or gradient is not finite changes nothing.
   *
   * @param index number of the step in the whole training, from 0
   * @param hypersphere what `[DIST]` is pulled to and how strongly
   */
  async run(
    step: { readonly bucket: number; readonly samples: readonly Sample[] },
    index: number,
    hypersphere: { readonly centre: Float32Array; readonly weight: number },
    random: () => number,
  ): Promise<StepResult> {
    const bucket = this.buckets[step.bucket];
    if (!bucket) throw new RangeError(`there is no bucket ${step.bucket}`);
    bucket.batch.fill(step.samples, random);
    const masks = bucket.dropoutSizes.map((dims, i) => [
      `dropout${i}`,
      this.pool.draw(dims, random),
    ]);
    await bucket.graph.run(
      {
        ...bucket.batch.feeds,
        ...this.optimiserFeeds(index),
        ...(Object.fromEntries(masks) as Record<string, Tensor>),
        centre: vector(hypersphere.centre),
        hypersphereWeight: scalar(hypersphere.weight),
      },
      {
        nextParameters: vector(this.next.parameters),
        nextFirst: vector(this.next.first),
        nextSecond: vector(this.next.second),
        loss: float32([], this.results.loss),
        gradientNorm: float32([], this.results.gradientNorm),
      },
    );
    const [loss = NaN] = this.results.loss;
    const [gradientNorm = NaN] = this.results.gradientNorm;
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      [this.present, this.next] = [this.next, this.present];
    }
    const { weight, lossScale, positions } = bucket.batch;
    return { loss: loss * lossScale, gradientNorm, weight, positions };
  }

  async close(): Promise<void> {
    await Promise.all(this.buckets.map(({ graph }) => graph.close()));
  }

  private optimiserFeeds(index: number): Record<string, Tensor> {
    const { learningRate, weightDecay, warmupShare } = this.settings;
    const rate = learningRateAt(index, this.steps, learningRate, warmupShare);
    const firstCorrection = 1 - FIRST_DECAY ** (index + 1);
    const secondCorrection = Math.sqrt(1 - SECOND_DECAY ** (index + 1));
    return {
      parameters: vector(this.present.parameters),
      first: vector(this.present.first),
      second: vector(this.present.second),
      rate: scalar((rate * secondCorrection) / firstCorrection),
      epsilon: scalar(EPSILON * secondCorrection),
      decay: scalar(rate * weightDecay),
    };
  }
}

function vector(data: Float32Array): Tensor {
  return float32([data.length], data);
}

function scalar(value: number): Tensor {
  return float32([], [value]);
}

function productOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
