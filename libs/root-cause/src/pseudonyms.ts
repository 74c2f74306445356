/** Recognised kinds of values, in the order in which they are looked for; the first group, if any, is the value. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['URL', /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>“”]+/gi],
  ['EMAIL', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g],
  ['ID', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi],
  ['MAC', /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi],
  ['IP', /\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/g],
  ['IP', /(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4})(?:%\w+)?(?![\w:])/gi],
  ['IP', /(?<![\w:])(?:[0-9a-f]{0,4}:){0,6}:(?::?[0-9a-f]{1,4}){1,7}(?![\w:])/gi],
  [
    'USER',
    /\b(?:user(?:name)?|login|account|customer|uid|owner)(?:\s+name)?\s*[=:]\s*"?([^\s"',;<>“”]+)/gi,
  ],
  ['USER', /\b(?:for|by|of)\s+(?:invalid\s+)?user\s+"?([^\s"',;<>“”]+)/gi],
  ['ID', /\b(?=\w*\d)(?=\w*[a-f])[0-9a-f]{12,}\b/gi],
  ['ID', /\b[A-Za-z]+[_-](?=[\w-]*\d)[\w-]{4,}\b/g],
  ['PATH', /(?<![\w<])(?:\/[\w.@~-]+){2,}\/?/g],
  ['HOST', /\b(?=[\w.-]*[a-z])(?:[a-z0-9-]+\.){2,}[a-z0-9-]+\b/gi],
  ['NUMBER', /(?<![\w.<])\d{6,}(?![\w.])/g],
];
/** `MASK="value"`, as evidence names the value of a parameter. */
const NAMED_VALUE = /\b([A-Z][A-Z0-9_]*)="([^"]*)"/g;
const PSEUDONYM = /<([A-Z][A-Z0-9_]*?)_(\d+)>/g;

/**
 * Replaces what identifies someone or something by typed stand-ins such as `<IP_1>`, the same value always by the same
 * one, and puts the values back into an answer.
 */
export class Pseudonyms {
  private readonly byValue = new Map<string, string>();
  private readonly byName = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  /** @param kept texts that are never replaced: names of services */
  constructor(private readonly kept: ReadonlySet<string> = new Set()) {}

  hide(text: string): string {
    let hidden = text.replace(NAMED_VALUE, (_whole, mask: string, value: string) =>
      this.nameFor(value, mask),
    );
    for (const [kind, pattern] of KINDS) {
      hidden = hidden.replace(pattern, (whole: string, group: unknown) => {
        const value = typeof group === 'string' ? group : whole;
        if (this.kept.has(value.toLowerCase()) || PSEUDONYM_ONLY.test(value)) return whole;
        const at = whole.lastIndexOf(value);
        return whole.slice(0, at) + this.nameFor(value, kind) + whole.slice(at + value.length);
      });
    }
    return hidden;
  }

  /** Puts values back; a stand-in that was never given out stays as it is. */
  reveal(text: string): string {
    return text.replace(PSEUDONYM, (name: string) => this.byName.get(name) ?? name);
  }

  /** Stand-ins in a text that were never given out: the model made them up. */
  unknownIn(text: string): readonly string[] {
    return [...text.matchAll(PSEUDONYM)]
      .map(([name]) => name)
      .filter((name) => !this.byName.has(name));
  }

  private nameFor(value: string, kind: string): string {
    const known = this.byValue.get(value);
    if (known !== undefined) return known;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const name = `<${kind}_${count}>`;
    this.byValue.set(value, name);
    this.byName.set(name, value);
    return name;
  }
}

const PSEUDONYM_ONLY = /^<?[A-Z][A-Z0-9_]*_\d+>?$/;
