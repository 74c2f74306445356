import { type OpenGraph, type Tensor } from '@logbert/onnx-graph';
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { GraphRefusedFailure, GraphRunFailure } from './graph-failures';

const ERRORS_ONLY = 3;

// ONNX Runtime reports its use to its maker unless told otherwise before its first session.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

/**
 * Opens an ONNX model in ONNX Runtime on the CPU.
 *
 * `run` and the opening itself keep the calling thread busy until they are done: a server opens graphs in a
 * worker thread or a child process.
 *
 * @param model bytes of an ONNX model; may be dropped once the graph is open
 * @param options `threads`: how many threads one operator may use, at least 1; left out, one a core
 * @throws GraphRefusedFailure when the runtime does not accept the model
 */
export const openGraph: OpenGraph = async (model, options = {}) => {
  const session = await createSession(model, options.threads);
  return {
    run: async (feeds, fetches) => {
      try {
        const given = mapValues(feeds, toRuntime);
        const results = await (fetches
          ? session.run(given, mapValues(fetches, toRuntime))
          : session.run(given));
        return fetches ?? mapValues(results, fromRuntime);
      } catch (cause) {
        throw new GraphRunFailure(messageOf(cause), { cause });
      }
    },
    close: () => session.release(),
  };
};

async function createSession(
  model: Uint8Array,
  threads: number | undefined,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      logSeverityLevel: ERRORS_ONLY,
      // Planned memory of a run is taken as one block beside what is there already: a third more for a few per cent of speed.
      enableMemPattern: false,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      extra: {
        session: {
          // Denormal numbers, which dropout and small moments produce, are many times slower than zero.
          set_denormal_as_zero: '1',
          // Threads that wait for work would spin, at the cost of every other session and process.
          intra_op: { allow_spinning: '0' },
        },
      },
    });
  } catch (cause) {
    throw new GraphRefusedFailure(messageOf(cause), { cause });
  }
}

function toRuntime(tensor: Tensor): RuntimeTensor {
  const dims = tensor.dims;
  switch (tensor.type) {
    case 'bool':
      return new RuntimeTensor('bool', tensor.data as Uint8Array, dims);
    default:
      return new RuntimeTensor(tensor.type, tensor.data as Float32Array, dims);
  }
}

function fromRuntime(tensor: RuntimeTensor): Tensor {
  return {
    type: tensor.type as Tensor['type'],
    dims: tensor.dims,
    data: tensor.data as Tensor['data'],
  };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (from: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
