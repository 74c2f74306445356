import { describeDims, readConstantDims, readMetadata } from '@logbert/onnx-graph';
import { checkArchitecture, classesOf, tokensOf, type Architecture } from './architecture';
import { ModelFailure } from './logbert-failures';
import type { TrainedLogBert } from './trained-logbert';

/** What a scoring model says of itself. */
export interface ModelDescription {
  readonly architecture: Architecture;
  readonly unknownFloor: number;
  /** Whether it tells how likely any class is in any row; models of older versions do not. */
  readonly hasPairs: boolean;
  /** Whether it takes distinct pairs of token and position and where they stand; models of older versions take sequences. */
  readonly hasPlaces: boolean;
}

const FORMAT = '3';
const READABLE = new Set(['1', '2', FORMAT]);

/** The `metadata_props` of a scoring model. */
export function encodeDescription(
  { architecture, unknownFloor, centre }: TrainedLogBert,
  precision: string,
): Readonly<Record<string, string>> {
  return {
    'logbert.format': FORMAT,
    'logbert.architecture': JSON.stringify(architecture),
    'logbert.precision': precision,
    'logbert.unknownFloor': `${unknownFloor}`,
    'logbert.centre': JSON.stringify([...centre]),
  };
}

/** @throws ModelFailure when the bytes are no scoring model of this format, or its graph has other sizes than it says */
export function readDescription(model: Uint8Array): ModelDescription {
  const metadata = metadataOf(model);
  const format = metadata.get('logbert.format');
  if (format === undefined || !READABLE.has(format)) {
    throw new ModelFailure(`expected a LogBERT model of format ${FORMAT}, got ${format ?? 'none'}`);
  }
  const unknownFloor = Number(metadata.get('logbert.unknownFloor') ?? NaN);
  if (!(unknownFloor >= 0)) throw new ModelFailure('logbert.unknownFloor is not a number >= 0');
  const architecture = parseArchitecture(metadata.get('logbert.architecture'));
  checkGraph(model, architecture);
  return { architecture, unknownFloor, hasPairs: format !== '1', hasPlaces: format === FORMAT };
}

/** A graph of another vocabulary would answer for other keys than it is asked about. */
function checkGraph(model: Uint8Array, architecture: Architecture): void {
  const { hidden, maxLength } = architecture;
  const expected = {
    tokens: [tokensOf(architecture), hidden],
    positions: [maxLength, hidden],
    'output.weight': [hidden, classesOf(architecture)],
  };
  const actual = readConstantDims(model);
  for (const [name, dims] of Object.entries(expected)) {
    const found = actual.get(`parameter.${name}`);
    if (`${found}` !== `${dims}`) {
      throw new ModelFailure(
        `the graph's ${name} is ${found ? describeDims(found) : 'missing'}, but its description says ${describeDims(dims)}`,
      );
    }
  }
}

function metadataOf(model: Uint8Array): ReadonlyMap<string, string> {
  try {
    return readMetadata(model);
  } catch (cause) {
    throw new ModelFailure('the bytes are not an ONNX model', { cause });
  }
}

function parseArchitecture(json: string | undefined): Architecture {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json ?? '');
  } catch (cause) {
    throw new ModelFailure('logbert.architecture is not JSON', { cause });
  }
  const entries = new Map(Object.entries(parsed ?? {}));
  const sizeOf = (name: keyof Architecture): number => {
    const size: unknown = entries.get(name);
    if (typeof size !== 'number')
      throw new ModelFailure(`logbert.architecture: ${name} is missing`);
    return size;
  };
  const architecture = {
    vocabularySize: sizeOf('vocabularySize'),
    hidden: sizeOf('hidden'),
    layers: sizeOf('layers'),
    heads: sizeOf('heads'),
    feedForward: sizeOf('feedForward'),
    maxLength: sizeOf('maxLength'),
    dropout: sizeOf('dropout'),
    ...(entries.has('sessionsCutAt') ? { sessionsCutAt: sizeOf('sessionsCutAt') } : {}),
  };
  checkArchitecture(architecture);
  return architecture;
}
