import { configurationSchema } from '@logbert/contracts';
import { z } from 'zod';

type SchemaNode = z.core.JSONSchema.JSONSchema;

/**
 * The path of a setting in the spelling of the schema: environment variables may be all capitals,
 * with or without underscores. A segment that the schema does not know is kept as it is written.
 */
export function canonicalPath(segments: readonly string[]): readonly string[] {
  let node: SchemaNode | undefined = schemaTree();
  return segments.map((segment) => {
    const properties: Record<string, unknown> = { ...propertiesOf(node) };
    const name = Object.keys(properties).find((key) => plain(key) === plain(segment));
    const next: unknown = name === undefined ? node?.additionalProperties : properties[name];
    node = isNode(next) ? next : undefined;
    return name ?? (/[a-z]/.test(segment) ? segment : segment.toLowerCase());
  });
}

let tree: SchemaNode | undefined;
function schemaTree(): SchemaNode {
  tree ??= z.toJSONSchema(configurationSchema, { io: 'input' });
  return tree;
}

/** The keys of an object; of all its shapes when there are several. */
function propertiesOf(node: SchemaNode | undefined): Record<string, unknown> {
  if (!node) return {};
  const shapes = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter(isNode);
  return Object.assign({}, node.properties, ...shapes.map(propertiesOf));
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null;
}

function plain(key: string): string {
  return key.replaceAll('_', '').toLowerCase();
}
