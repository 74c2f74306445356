const LABEL = /\s*([A-Za-z_][\w.:]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * Reads labels as Prometheus writes them, `{app="cart", host="a"}`; values are quoted as in Go.
 *
 * @returns undefined when the text is something else
 */
export function readLokiLabels(text: string): ReadonlyMap<string, string> | undefined {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (inner === undefined) return undefined;
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  for (let end = 0; inner.slice(end).trim() !== '';) {
    const [, name, value] = LABEL.exec(inner) ?? [];
    if (name === undefined || value === undefined) return undefined;
    labels.set(name, unquoted(value));
    end = LABEL.lastIndex;
  }
  return labels;
}

function unquoted(value: string): string {
  return value.replace(ESCAPE, (_all, long?: string, short?: string, letter?: string) => {
    const code = long ?? short;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return ESCAPED[letter ?? ''] ?? letter ?? '';
  });
}
