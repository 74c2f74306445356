import type { Configuration, WindowSettings } from '@logbert/contracts';
import type { ScoredWindow } from '@logbert/detection';
import { openGraph } from '@logbert/graph-runner';
import { buildScoringModel, LogBertScorer, trainLogBert } from '@logbert/logbert';
import { architectureFor, batchesOfLines, trainingSettingsOf } from '@logbert/pipeline';
import { UNKNOWN } from '@logbert/sequences';
import {
  ALTERNATIVES_FOR_RANKS,
  LINES_AT_ONCE,
  type ModelReading,
  readModel,
} from './model-reading';

/** Every so manieth training window decides when training stops. */
const VALIDATION_EVERY = 10;

export interface ReadWindow extends ScoredWindow {
  readonly reading: ModelReading;
}

/** A network trained on windows of keys, and what it says of others. */
export class SequenceModel {
  private constructor(private readonly scorer: LogBertScorer) {}

  static async train(
    windows: readonly Int32Array[],
    vocabularySize: number,
    configuration: Configuration,
    window: WindowSettings,
    random: () => number,
  ): Promise<SequenceModel> {
    const { model } = configuration.training;
    const isValidation = (index: number): boolean => index % VALIDATION_EVERY === 0;
    const trained = await trainLogBert({
      training: windows.filter((_, index) => !isValidation(index)),
      validation: windows.filter((_, index) => isValidation(index)),
      architecture: architectureFor(model, window, vocabularySize),
      settings: trainingSettingsOf(configuration.training),
      openGraph,
      random,
      now: () => performance.now(),
    });
    const { precision, passes } = configuration.detection;
    const bytes = buildScoringModel(trained, { precision });
    const alternatives = ALTERNATIVES_FOR_RANKS;
    return new SequenceModel(await LogBertScorer.open(bytes, openGraph, { passes, alternatives }));
  }

  async read(windows: readonly Int32Array[]): Promise<readonly ReadWindow[]> {
    const { vocabularySize } = this.scorer.architecture;
    const read: ReadWindow[] = [];
    for (const some of batchesOfLines(windows, ({ length }) => length, LINES_AT_ONCE)) {
      const scores = await this.scorer.score(some);
      for (const [index, tokens] of some.entries()) {
        const score = scores[index];
        if (!score) throw new RangeError(`a window of ${tokens.length} lines was not scored`);
        // The alternatives are let go: a million lines with 65 of them each are gigabytes.
        const { surprise, entropy, distance, presence, endSurprise } = score;
        read.push({
          tokens,
          novelLines: tokens.filter((token) => token === UNKNOWN).length,
          score: { surprise, entropy, distance, presence, endSurprise },
          reading: readModel(tokens, score, vocabularySize),
        });
      }
    }
    return read;
  }

  close(): Promise<void> {
    return this.scorer.close();
  }
}
