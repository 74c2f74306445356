import type { SessionKeyRule } from '@logbert/contracts';
import { FormatFailure } from './format-failure';
import type { LineParts } from './log-record';
import { findPatternProblem } from './pattern-safety';
import { redactSecrets } from './redaction';

/** Finds the key of the session a line belongs to; undefined where it tells none. */
export type FindSessionKey = (parts: LineParts) => string | undefined;

const MAX_KEY_LENGTH = 256;
/** An expression of quadratic time is bearable on a text of this length. */
const MAX_SEARCHED = 32_768;

/**
 * Builds the search for session keys: the first field that the line has, as an attribute or as `name=value` or
 * `name: value` in its message, then the pattern.
 *
 * @throws FormatFailure when the pattern does not compile, or can take unbearably long
 */
export function buildSessionKeyFinder(rule: SessionKeyRule): FindSessionKey {
  const { fields } = rule;
  const inText = fields.length === 0 ? undefined : fieldsInText(fields);
  const pattern = rule.pattern === undefined ? undefined : compile(rule.pattern);

  return (parts) => {
    const { message } = parts;
    if (fields.length > 0) {
      const { attributes } = parts;
      for (const field of fields) {
        const value = attributes[field];
        if (value !== undefined && value !== '') return clipped(value);
      }
    }
    const named = inText?.exec(message)?.[1];
    if (named !== undefined) return clipped(named);
    const found = pattern?.exec(
      message.length > MAX_SEARCHED ? message.slice(0, MAX_SEARCHED) : message,
    );
    if (!found) return undefined;
    const key = found[1] ?? found[0];
    return key === '' ? undefined : clipped(key);
  };
}

function clipped(key: string): string {
  return key.length > MAX_KEY_LENGTH ? key.slice(0, MAX_KEY_LENGTH) : key;
}

function fieldsInText(fields: readonly string[]): RegExp {
  const names = fields.map((field) => field.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(?<![\\w.-])(?:${names.join('|')})(?:=|: ?)["']?([^\\s"',;)\\]}]+)`);
}

function compile(pattern: string): RegExp {
  const problem = findPatternProblem(pattern);
  if (problem !== undefined) throw new FormatFailure('sessionKey.pattern', problem);
  return new RegExp(pattern);
}

/**
 * Replaces a key that is itself a secret by a name made from its hash: sessions stay apart, nobody reads it.
 *
 * Source: FNV-1a, 32 bits, twice with different offsets.
 */
export function hideSecretKey(key: string): string {
  return redactSecrets(key) === key
    ? key
    : `redacted-${fnv(key, 0x811c9dc5)}${fnv(key, 0x1b873593)}`;
}

function fnv(text: string, offset: number): string {
  let hash = offset;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
