/** What a model says of one window, one entry a position. */
export interface WindowSurprise {
  /** −log p(observed | other lines), nats. */
  readonly surprise: Float32Array;
  /** Entropy of the prediction, nats. */
  readonly entropy: Float32Array;
  /** Distance of the window's representation to the centre of the normal ones. */
  readonly distance: number;
  /** −log of the lines that the model expects of a position's key in the whole window, nats; not of older models. */
  readonly presence?: Float32Array | undefined;
  /** −log p of the window's being over after its last line, nats; undefined where windows do not end by themselves. */
  readonly endSurprise?: number | undefined;
}

/** A complete window as it is judged. */
export interface ScoredWindow {
  /** Key tokens in the order of the lines, each in `[0, vocabularySize)`; at least one. */
  readonly tokens: Int32Array;
  /** Lines that no template of the model fits. */
  readonly novelLines: number;
  /** Undefined when no model could score the window; it is then judged by the channels that need none. */
  readonly score: WindowSurprise | undefined;
  /** Windows of one service, say: calibrated on their own where there are enough of them. */
  readonly group?: string | undefined;
}

/** The first lines of a window that is not complete. */
export type GrowingLines = Pick<ScoredWindow, 'tokens' | 'novelLines'>;
