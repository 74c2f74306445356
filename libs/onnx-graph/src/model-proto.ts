import type { BuiltGraph, GraphNode } from './graph';
import { modelProto } from './onnx-schema';
import type { Operator } from './operator';
import { elementTypeNumber } from './operators/elementwise';
import { OPERATORS } from './operators/operators';
import type { Tensor } from './tensor';
import type { Attribute, Value } from './value';

const IR_VERSION = 10;
const OPSET_VERSION = 21;
const CONTRIBUTED_DOMAIN = 'com.microsoft';
/** Numbers of `AttributeProto.AttributeType`. */
const [FLOAT, INT, STRING, INTS] = [1, 2, 3, 7];

/** The graph as bytes of an ONNX ModelProto. */
export function encodeModel(
  graph: BuiltGraph,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const nodes = graph.nodes.map(nodeMessage);
  const isExtended = nodes.some((node) => node.domain !== undefined);
  const message = {
    irVersion: IR_VERSION,
    producerName: 'logbert',
    opsetImport: [
      { domain: '', version: OPSET_VERSION },
      ...(isExtended ? [{ domain: CONTRIBUTED_DOMAIN, version: 1 }] : []),
    ],
    graph: {
      name: 'logbert',
      node: nodes,
      initializer: [...graph.constants].map(([name, tensor]) => tensorMessage(name, tensor)),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
  return modelProto.encode(modelProto.create(message)).finish();
}

/**
 * The `metadata_props` of an ONNX model.
 *
 * @throws RangeError when the bytes are no ONNX model
 */
export function readMetadata(model: Uint8Array): ReadonlyMap<string, string> {
  const { metadataProps = [] } = decoded(model);
  return new Map(metadataProps.map(({ key, value }) => [key, value ?? '']));
}

/**
 * Dimensions of the constants of an ONNX model, by name.
 *
 * @throws RangeError when the bytes are no ONNX model
 */
export function readConstantDims(model: Uint8Array): ReadonlyMap<string, readonly number[]> {
  const { graph } = decoded(model);
  return new Map(
    (graph?.initializer ?? []).map(({ name = '', dims = [] }) => [name, dims.map(Number)]),
  );
}

/** What is ever read of a model that was encoded by this room. */
interface DecodedModel {
  readonly metadataProps?: readonly { readonly key: string; readonly value?: string }[];
  readonly graph?: {
    readonly initializer?: readonly {
      readonly name?: string;
      readonly dims?: readonly unknown[];
    }[];
  };
}

function decoded(model: Uint8Array): DecodedModel {
  try {
    return modelProto.toObject(modelProto.decode(model), { arrays: true });
  } catch (cause) {
    throw new RangeError('the bytes are not an ONNX model', { cause });
  }
}

function nodeMessage(node: GraphNode) {
  const { domain }: Operator = OPERATORS[node.operator];
  return {
    name: node.name,
    opType: node.operator,
    input: node.inputs.map((input) => input?.name ?? ''),
    output: node.outputs.map((output) => output.name),
    attribute: Object.entries(node.attributes).map(([name, value]) =>
      attributeMessage(name, value),
    ),
    ...(domain === undefined ? {} : { domain }),
  };
}

function attributeMessage(name: string, value: Attribute) {
  if ('float' in value) return { name, type: FLOAT, f: value.float };
  if ('int' in value) return { name, type: INT, i: value.int };
  if ('text' in value) return { name, type: STRING, s: new TextEncoder().encode(value.text) };
  return { name, type: INTS, ints: value.ints };
}

function tensorMessage(name: string, { type, dims, data }: Tensor) {
  return {
    name,
    dims,
    dataType: elementTypeNumber(type),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueMessage({ name, type, dims }: Value) {
  const dim = dims.map((size) =>
    typeof size === 'number' ? { dimValue: size } : { dimParam: size },
  );
  return { name, type: { tensorType: { elemType: elementTypeNumber(type), shape: { dim } } } };
}
