import { float32, type Tensor } from '@logbert/onnx-graph';
import type { Parameter } from './trained-logbert';

/**
 * Largest integer used. Not 127: processors without VNNI add two products of 255 · weight in 16 bits, and
 * 2 · 255 · 64 is the largest that does not overflow there.
 */
const LARGEST = 64;

/**
 * A matrix as 8-bit integers, each column scaled so that its largest element becomes ±64.
 *
 * @param matrix `[from, to]`
 * @returns `weights` `[from, to]`, int8, and `scales` `[to]`: weights · scales is nearly the matrix
 */
export function quantiseColumns({ dims, data }: Parameter): { weights: Tensor; scales: Tensor } {
  const columns = dims.at(-1) ?? 1;
  const scales = new Float32Array(columns);
  for (const [at, weight] of data.entries()) {
    const column = at % columns;
    scales[column] = Math.max(scales[column] ?? 0, Math.abs(weight) / LARGEST);
  }
  // A column of zeros stays zeros under any scale.
  for (const [column, scale] of scales.entries()) if (scale === 0) scales[column] = 1;
  const weights = Int8Array.from(data, (weight, at) =>
    Math.round(weight / (scales[at % columns] ?? 1)),
  );
  return { weights: { type: 'int8', dims, data: weights }, scales: float32([columns], scales) };
}
