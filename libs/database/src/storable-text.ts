const REPLACEMENT = '\uFFFD';
const UNSTORABLE = /[\0\p{Surrogate}]/gu;
const UNSTORABLE_ESCAPE = /\\(?:u0000|ud[89a-f])/;
const ESCAPE = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|[^])/g;

/**
 * The text as PostgreSQL can keep it: NUL and lone surrogates become U+FFFD.
 * Log lines do contain them, and one would otherwise fail the whole statement.
 */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, REPLACEMENT);
}

/** A value as JSON text that `jsonb` accepts: what `storableText` replaces is replaced in every string. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Of the escapes that a log line quoted in JSON is full of, none may be such a one.
  if (!UNSTORABLE_ESCAPE.test(json)) return json;
  return json.replace(ESCAPE, (escape) =>
    // `JSON.stringify` escapes only lone surrogates; a pair stays as it is.
    escape.length === 6 ? REPLACEMENT : escape,
  );
}
