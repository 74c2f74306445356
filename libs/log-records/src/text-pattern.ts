import { FormatFailure } from './format-failure';

/** Text between two fields: literal characters, with any run of white space for each run of it in the pattern. */
interface Separator {
  readonly parts: readonly (string | typeof SPACES)[];
}

const SPACES = Symbol('white space');

interface Field {
  readonly name: string;
  /** What follows the field; undefined for the last one, which takes the rest. */
  readonly separator: Separator | undefined;
  /** Fields that may stand between this one and its separator. */
  readonly optional: Optional | undefined;
}

interface Optional {
  readonly before: Separator;
  readonly name: string;
  readonly after: Separator;
}

/** A header may be this long; a longer line has another format. */
const MAX_HEADER = 2_048;

/** Reads the named parts of a line into `values`, in the order of `names`; `undefined` for an absent optional one. */
export interface TextPattern {
  readonly names: readonly string[];
  match(line: string, values: (string | undefined)[]): boolean;
}

const ELEMENT = /<(\w+)>|\(((?:\\.|[^()\\])*)\)\?|\\(.)|(\s+)|([^<(\\\s]+|[<(])/gy;

type Element =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'optional'; readonly body: string }
  | { readonly kind: 'text'; readonly part: string | typeof SPACES };

/**
 * Compiles a header pattern such as `<Date> <Time> <Pid> <Level> <Component>: <Content>`.
 *
 * `<Name>` is a field that ends where what follows it first comes, white space stands for any run of white space, `\`
 * takes the next character literally, and `(…<Name>…)?` may be absent. The last field takes the rest of the line.
 * Matching never goes back, so its time is linear.
 *
 * @throws FormatFailure when it has no field, two fields touch, or a part is malformed
 */
export function compileTextPattern(pattern: string): TextPattern {
  const elements = parseElements(pattern);
  const { prefix, fields } = buildFields(elements);
  const names = fields.flatMap(({ name, optional }) => (optional ? [name, optional.name] : [name]));
  if (new Set(names).size !== names.length)
    throw new FormatFailure('pattern', 'a field comes twice');
  return { names, match: (line, values) => matchFields(prefix, fields, line, values) };
}

function parseElements(pattern: string): readonly Element[] {
  const elements: Element[] = [];
  for (const [, field, optional, escaped, spaces, literal] of pattern.matchAll(ELEMENT)) {
    if (field !== undefined) elements.push({ kind: 'field', name: field });
    else if (optional !== undefined) elements.push({ kind: 'optional', body: optional });
    else if (spaces !== undefined) elements.push({ kind: 'text', part: SPACES });
    else elements.push({ kind: 'text', part: escaped ?? literal ?? '' });
  }
  return elements;
}

function buildFields(elements: readonly Element[]): {
  prefix: Separator;
  fields: readonly Field[];
} {
  let at = 0;
  const separator = (): Separator => {
    const parts: (string | typeof SPACES)[] = [];
    for (let element = elements[at]; element?.kind === 'text'; element = elements[++at]) {
      const last = parts.at(-1);
      if (typeof element.part === 'string' && typeof last === 'string') {
        parts[parts.length - 1] = last + element.part;
      } else parts.push(element.part);
    }
    return { parts };
  };

  const prefix = separator();
  const fields: Field[] = [];
  while (at < elements.length) {
    const element = elements[at] as Element;
    if (element.kind !== 'field') {
      throw new FormatFailure('pattern', 'an optional part must come right after a field');
    }
    at++;
    const following = elements[at];
    let optional: Optional | undefined;
    if (following?.kind === 'optional') {
      optional = buildOptional(following.body);
      at++;
    }
    const after = separator();
    const isLast = at >= elements.length;
    if (!isLast && after.parts.length === 0) {
      throw new FormatFailure(
        'pattern',
        `nothing stands between <${element.name}> and the next field`,
      );
    }
    const isOpenEnded = isLast && after.parts.length === 0;
    fields.push({ name: element.name, separator: isOpenEnded ? undefined : after, optional });
  }
  if (fields.length === 0) throw new FormatFailure('pattern', 'it has no field such as <Content>');
  return { prefix, fields };
}

function buildOptional(body: string): Optional {
  const elements = parseElements(body);
  const [before, field, after, ...rest] = elements;
  const isPlain =
    rest.length === 0 &&
    before?.kind === 'text' &&
    field?.kind === 'field' &&
    after?.kind === 'text';
  if (!isPlain) {
    throw new FormatFailure('pattern', `(${body})? is not text, one field, text`);
  }
  return { before: { parts: [before.part] }, name: field.name, after: { parts: [after.part] } };
}

function matchFields(
  prefix: Separator,
  fields: readonly Field[],
  line: string,
  values: (string | undefined)[],
): boolean {
  let at = endOf(prefix, line, 0);
  if (at < 0) return false;
  let slot = 0;
  for (let index = 0; index < fields.length; index++) {
    const { separator, optional } = fields[index] as Field;
    if (!separator) {
      values[slot++] = line.slice(at);
      if (optional) values[slot++] = undefined;
      return true;
    }
    let end = find(separator, line, at);
    let option: string | undefined;
    let next = end < 0 ? -1 : endOf(separator, line, end);
    if (optional) {
      const found = findOptional(optional, separator, line, at, end);
      if (found) ({ end, option, next } = found);
    }
    if (end < 0 || end > MAX_HEADER) return false;
    values[slot++] = line.slice(at, end);
    if (optional) values[slot++] = option;
    at = next;
  }
  return at === line.length;
}

/** An optional part that begins before the field would end without it. */
function findOptional(
  { before, after }: Optional,
  separator: Separator,
  line: string,
  from: number,
  endWithout: number,
): { end: number; option: string; next: number } | undefined {
  const end = find(before, line, from);
  if (end < 0 || (endWithout >= 0 && end >= endWithout)) return undefined;
  const start = endOf(before, line, end);
  const close = find(after, line, start);
  if (close < 0) return undefined;
  const next = endOf(separator, line, endOf(after, line, close));
  return next < 0 ? undefined : { end, option: line.slice(start, close), next };
}

/** Where the separator first comes from a position on; −1 when it does not come in the header. */
function find({ parts }: Separator, line: string, from: number): number {
  const first = parts[0];
  const limit = Math.min(line.length, MAX_HEADER);
  if (first === SPACES) {
    for (let at = from; at < limit; at++) {
      if (isSpace(line.charCodeAt(at)) && (parts.length === 1 || endOf({ parts }, line, at) >= 0)) {
        return at;
      }
    }
    return -1;
  }
  const literal = first as string;
  for (
    let at = line.indexOf(literal, from);
    at >= 0 && at < limit;
    at = line.indexOf(literal, at + 1)
  ) {
    if (parts.length === 1 || endOf({ parts }, line, at) >= 0) return at;
  }
  return -1;
}

/** Where the separator ends when it stands at a position; −1 when it does not stand there. */
function endOf({ parts }: Separator, line: string, from: number): number {
  let at = from;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (typeof part === 'string') {
      if (!line.startsWith(part, at)) return -1;
      at += part.length;
    } else {
      const start = at;
      while (isSpace(line.charCodeAt(at))) at++;
      // White space at the very end of a line is often cut off.
      if (at === start && at < line.length) return -1;
    }
  }
  return at;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit === 0xa0;
}
