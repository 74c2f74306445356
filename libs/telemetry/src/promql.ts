const KEYWORDS = new Set(
  'and or unless by without on ignoring group_left group_right offset bool inf nan'.split(' '),
);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/gi;
const SELECTOR = /\{([^}]*)\}/g;

const withoutStrings = (query: string): string => query.replace(/"(?:[^"\\]|\\.)*"/g, '""');

/**
 * Names of the series that a PromQL query reads, each once, in order.
 *
 * A name is what is neither a function (followed by a parenthesis), nor a keyword, nor inside braces, brackets or a
 * grouping list. That holds for every query without a name given as `{__name__=…}`.
 */
export function seriesInQuery(query: string): readonly string[] {
  const bare = withoutStrings(query)
    .replace(GROUPING, ' ')
    .replace(SELECTOR, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\boffset\s+\w+/g, ' ');
  const names = [...bare.matchAll(/(?<![\w:.$])[A-Za-z_:][\w:]*(?![\w:])(?!\s*\()/g)].map(
    ([name]) => name,
  );
  return [...new Set(names.filter((name) => !KEYWORDS.has(name.toLowerCase())))];
}

/** Labels that a PromQL query selects or groups by, each once, in order. */
export function labelsInQuery(query: string): readonly string[] {
  const bare = withoutStrings(query);
  const selected = [...bare.matchAll(SELECTOR)].flatMap(([, matchers = '']) =>
    [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  );
  const grouped = [...bare.matchAll(GROUPING)].flatMap(([, labels = '']) =>
    labels.split(',').map((label) => label.trim()),
  );
  return [...new Set([...selected, ...grouped].filter((label) => label !== ''))];
}
