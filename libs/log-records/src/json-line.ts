import { DecodeFailure } from './decode-failure';
import { readFields } from './field-names';
import { type Attributes, type LineParts, newAttributes } from './log-record';
import { isSecretName } from './redaction';

/** Fields of one line; more are left out. */
const MAX_FIELDS = 128;
const MAX_DEPTH = 4;

type JsonObject = Record<string, unknown>;

/**
 * Reads a JSON object; nested objects give names with dots, arrays stay JSON text.
 *
 * @throws DecodeFailure `json` when the text is not a JSON object
 */
export function readJsonLine(line: string, receivedAtMs: number): LineParts {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new DecodeFailure('json', `not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DecodeFailure('json', 'a JSON object is expected');
  }
  const object = value as JsonObject;
  return readFields(hasTextsOnly(object) ? object : flattened(object), receivedAtMs);
}

/**
 * Whether the object is the fields of a line as it stands, as most are: nothing is made of it then.
 * What JSON gives has names of its own only, and a list of pairs would be made for every line.
 */
function hasTextsOnly(value: Readonly<JsonObject>): value is Readonly<Attributes> {
  let fields = 0;
  for (const name in value) {
    if (typeof value[name] !== 'string' || ++fields > MAX_FIELDS) return false;
  }
  return true;
}

function flattened(value: Readonly<JsonObject>): Readonly<Attributes> {
  const fields = new Map<string, string>();
  try {
    flatten(value, '', 0, fields);
  } catch (error) {
    throw new DecodeFailure('json', 'nested too deeply', { cause: error });
  }
  const texts = newAttributes();
  for (const [name, text] of fields) texts[name] = text;
  return texts;
}

function flatten(
  value: Readonly<JsonObject>,
  prefix: string,
  depth: number,
  fields: Map<string, string>,
): void {
  for (const name in value) {
    if (fields.size >= MAX_FIELDS) return;
    const member = value[name];
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof member === 'string') fields.set(path, member);
    else if (member === null || member === undefined) continue;
    else if (typeof member !== 'object') fields.set(path, String(member));
    else if (isSecretName(name)) fields.set(path, '[redacted]');
    else if (Array.isArray(member) || depth >= MAX_DEPTH) fields.set(path, JSON.stringify(member));
    else flatten(member as JsonObject, path, depth + 1, fields);
  }
}
