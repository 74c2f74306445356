import type { Verdict } from '@logbert/detection';
import {
  type Detected,
  type IncomingRecord,
  type JudgedWindow,
  type LoadedBundle,
  StreamDetector,
  type StreamDetectorInput,
} from '@logbert/pipeline';

/** A window as the product judged it, and as it would without its model. */
export interface JudgedTwice extends JudgedWindow {
  readonly withoutModel: Verdict;
}

export interface DetectedTwice extends Pick<Detected, 'settled'> {
  readonly judged: readonly JudgedTwice[];
}

/**
 * The detector of a stream, and one beside it that takes the same lines and judges the same windows by the same calibration, but
 * has no model.
 *
 * Two of them, because judging is remembered: recent p-values, new patterns and sessions that grow are each one's own, and the
 * second is what the product would have become without a model.
 */
export class PairedDetectors {
  private readonly whole: StreamDetector;
  private readonly modelFree: StreamDetector;

  constructor(input: Omit<StreamDetectorInput, 'bundle'>) {
    this.whole = new StreamDetector({ ...input, bundle: undefined });
    this.modelFree = new StreamDetector({ ...input, bundle: undefined });
  }

  /** @param mute the same bundle, opened with `openMuteGraph` */
  use(bundle: LoadedBundle, mute: LoadedBundle): void {
    this.whole.use(bundle);
    this.modelFree.use(mute);
  }

  /** Takes records in the order of their offsets; `nowMs` is the present, epoch milliseconds. */
  async accept(records: readonly IncomingRecord[], nowMs: number): Promise<DetectedTwice> {
    const detected = await this.whole.accept(records, nowMs);
    return paired(detected, await this.modelFree.accept(records, nowMs));
  }

  /** Judges everything still open. */
  async flush(nowMs: number): Promise<DetectedTwice> {
    const detected = await this.whole.flush(nowMs);
    return paired(detected, await this.modelFree.flush(nowMs));
  }
}

/** Which windows there are follows from the lines and from no verdict. */
function paired({ judged, settled }: Detected, modelFree: Detected): DetectedTwice {
  const twice = judged.map((window, index) => {
    const other = modelFree.judged[index];
    if (other?.key !== window.key || other.tokens.length !== window.tokens.length) {
      throw new TypeError(`the detector without a model did not judge ${window.key} in its turn`);
    }
    return { ...window, withoutModel: other.verdict };
  });
  return { judged: twice, settled };
}
