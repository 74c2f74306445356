/** Shorter names are words of their own too often. */
const MIN_NAME = 3;

/**
 * Whether a text speaks of a service: its name as a whole word, `-`, `_` and `.` within a name being alike.
 *
 * `db-proxy` is mentioned by "db-proxy:5432", "db_proxy timed out" and "http://db-proxy/"; not by "db-proxy2" or "proxy".
 */
export function mentionsService(text: string, service: string): boolean {
  if (service.length < MIN_NAME) return false;
  const haystack = unify(text);
  const needle = unify(service);
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    const before = haystack[at - 1];
    const after = haystack[at + needle.length];
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
