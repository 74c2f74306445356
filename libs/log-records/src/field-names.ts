import type { LogLevel } from '@logbert/contracts';
import { parseLevel } from './level';
import { epochMs, parseTime } from './event-time';
import { type Attributes, type LineParts, NO_ATTRIBUTES, newAttributes } from './log-record';

/** Names under which formats keep the same thing, the most telling first. */
const MESSAGE = [
  'message',
  'msg',
  'log',
  'event',
  'text',
  'body',
  'short_message',
  'Message',
  'MESSAGE',
  '@message',
];
const TIME = [
  'timestamp',
  'time',
  'ts',
  '@timestamp',
  'date',
  'datetime',
  'Timestamp',
  '_time',
  't',
];
const LEVEL = [
  'level',
  'severity',
  'severityText',
  'levelname',
  'loglevel',
  'log.level',
  'lvl',
  'priority',
  'Level',
  '@level',
];
const SERVICE = [
  'service',
  'service.name',
  'app',
  'logger',
  'component',
  'application',
  'logger_name',
  'SYSLOG_IDENTIFIER',
];

const NAMES = { time: TIME, level: LEVEL, service: SERVICE, message: MESSAGE };
type Role = keyof typeof NAMES;

/** What a field of that name may tell, and how many names are more telling. */
const ROLES: ReadonlyMap<string, { readonly role: Role; readonly rank: number }> = new Map(
  Object.entries(NAMES).flatMap(([role, names]) =>
    names.map((name, rank) => [name, { role: role as Role, rank }] as const),
  ),
);

/**
 * Reads a line whose parts have names.
 *
 * @param fields texts by name, all of them the object's own
 * @returns a line without a message has its remaining fields as one, `name=value` in the order of the object
 */
export function readFields(fields: Readonly<Attributes>, receivedAtMs: number): LineParts {
  const told: Record<Role, string | undefined> = {
    time: undefined,
    level: undefined,
    service: undefined,
    message: undefined,
  };
  let timestampMs: number | undefined;
  let remaining = 0;
  // A list of pairs would be made for every line.
  for (const name in fields) {
    const value = fields[name] ?? '';
    remaining++;
    const known = ROLES.get(name);
    if (!known || value === '') continue;
    const { role, rank } = known;
    const rival = told[role];
    if (rival !== undefined && (ROLES.get(rival)?.rank ?? 0) < rank) continue;
    if (role === 'time') {
      const time = timeOf(value, receivedAtMs);
      if (time === undefined) continue;
      timestampMs = time;
    }
    if (rival === undefined) remaining--;
    told[role] = name;
  }

  return new FieldParts(fields, told, timestampMs, remaining);
}

/**
 * The parts of a line whose parts have names. Of most lines nobody asks for what else they say: it is put together when somebody does.
 *
 * A class, since each object that is written down with a getter of its own gets a shape of its own, which outlives it.
 */
class FieldParts implements LineParts {
  readonly service: string | undefined;
  readonly level: LogLevel;
  readonly message: string;
  private made: Attributes | undefined;

  constructor(
    private readonly fields: Readonly<Attributes>,
    private readonly told: Readonly<Record<Role, string | undefined>>,
    readonly timestampMs: number | undefined,
    /** Fields that tell nothing else. */
    private readonly remaining: number,
  ) {
    this.service = valueOf(fields, told.service);
    this.level = told.level === undefined ? 'unknown' : parseLevel(fields[told.level] ?? '');
    this.message = valueOf(fields, told.message) ?? describe(this.attributes);
  }

  get attributes(): Readonly<Attributes> {
    if (this.remaining === 0) return NO_ATTRIBUTES;
    return (this.made ??= attributesOf(this.fields, this.told));
  }
}

function valueOf(fields: Readonly<Attributes>, name: string | undefined): string | undefined {
  return name === undefined ? undefined : fields[name];
}

function timeOf(value: string, receivedAtMs: number): number | undefined {
  return parseTime(value, receivedAtMs) ?? epochMs(Number(value));
}

/** Fields that tell nothing else. */
function attributesOf(
  fields: Readonly<Attributes>,
  told: Readonly<Record<Role, string | undefined>>,
): Attributes {
  const attributes = newAttributes();
  for (const name in fields) {
    const known = ROLES.get(name);
    if (!known || told[known.role] !== name) attributes[name] = fields[name] ?? '';
  }
  return attributes;
}

function describe(attributes: Readonly<Attributes>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
