import type { AnomalyLine } from '@logbert/contracts';

/** Shorter names are words of their own too often. */
const MIN_NAME = 3;

/**
 * Services other than the writer that a line speaks of: their name as a whole word, `-`, `_` and `.` within a name being
 * alike.
 *
 * `db-proxy` is mentioned by "db-proxy:5432", "db_proxy timed out" and "http://db-proxy/"; not by "db-proxy2" or "proxy".
 */
export function mentionedServices(
  { service, raw }: Pick<AnomalyLine, 'service' | 'raw'>,
  services: ReadonlySet<string>,
): readonly string[] {
  const text = unify(raw);
  return [...services].filter((other) => other !== service && mentions(text, other));
}

function mentions(text: string, service: string): boolean {
  if (service.length < MIN_NAME) return false;
  const name = unify(service);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1];
    const after = text[at + name.length];
    if (!isNameCharacter(before) && !isNameCharacter(after)) return true;
  }
  return false;
}

function unify(text: string): string {
  return text.toLowerCase().replace(/[_.]/g, '-');
}

function isNameCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
