import { float32, type Tensor } from '@logbert/onnx-graph';

const FEWEST_ELEMENTS = 1 << 20;

/**
 * Dropout masks (Srivastava et al., JMLR 2014) that cost nothing to make: views, at random places, of one
 * long vector of independent draws. An element is 0 with the dropout's probability p, else 1 / (1 − p).
 */
export class DropoutPool {
  private readonly draws: Float32Array;

  /** @param longest elements of the largest mask */
  constructor(dropout: number, longest: number, random: () => number) {
    this.draws = new Float32Array(Math.max(FEWEST_ELEMENTS, 4 * longest));
    const kept = 1 / (1 - dropout);
    for (let i = 0; i < this.draws.length; i++) this.draws[i] = random() < dropout ? 0 : kept;
  }

  /** A mask for a tensor of these dimensions; the memory is shared, so it must not be written. */
  draw(dims: readonly number[], random: () => number): Tensor {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const start = Math.floor(random() * (this.draws.length - size + 1));
    return float32(dims, this.draws.subarray(start, start + size));
  }
}
