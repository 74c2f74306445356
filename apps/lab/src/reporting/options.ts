import { parseArgs } from 'node:util';

/** What was wrong with a command line, for the person who typed it. */
export class UsageError extends Error {}

export interface OptionSpec {
  readonly help: string;
  /** Shown in the usage text: `FILE`, `REGEX`; a flag has none. */
  readonly value?: string;
  readonly isRequired?: boolean;
  /** Whether it may be given several times. */
  readonly isRepeatable?: boolean;
  readonly fallback?: string;
}

type Specs = Readonly<Record<string, OptionSpec>>;

/** The options of one command, parsed and complete. */
export class Options<Spec extends Specs> {
  private constructor(private readonly values: ReadonlyMap<string, readonly string[]>) {}

  /** @throws UsageError naming the option that is unknown or missing, with the usage text */
  static parse<Spec extends Specs>(
    command: string,
    specs: Spec,
    argv: readonly string[],
  ): Options<Spec> {
    const options = Object.fromEntries(
      Object.entries(specs).map(([name, { value, isRepeatable = false }]) => [
        name,
        {
          type: value === undefined ? ('boolean' as const) : ('string' as const),
          multiple: isRepeatable,
        },
      ]),
    );
    let given: Record<string, unknown>;
    try {
      given = parseArgs({ args: [...argv], options, allowPositionals: false }).values;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`${reason}\n\n${usage(command, specs)}`);
    }
    const values = new Map<string, readonly string[]>();
    for (const [name, spec] of Object.entries(specs)) {
      const value = given[name] ?? spec.fallback;
      if (Array.isArray(value)) values.set(name, value.map(String));
      else if (value !== undefined && value !== false) values.set(name, [String(value)]);
      else if (spec.isRequired) {
        throw new UsageError(`--${name} is missing\n\n${usage(command, specs)}`);
      }
    }
    return new Options(values);
  }

  text(name: keyof Spec & string): string | undefined {
    return this.values.get(name)?.[0];
  }

  /** Every value of an option that may be given several times; none when it was not given. */
  texts(name: keyof Spec & string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  required(name: keyof Spec & string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`--${name} is missing`);
    return value;
  }

  has(name: keyof Spec & string): boolean {
    return this.values.has(name);
  }

  /** @throws UsageError when the value is not a number within the bounds */
  number(name: keyof Spec & string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new UsageError(`--${name}: "${text}" is not a number between ${least} and ${most}`);
  }
}

function usage(command: string, specs: Specs): string {
  const rows = Object.entries(specs).map(([name, { value, help, fallback }]) => {
    const left = `  --${name}${value === undefined ? '' : ` ${value}`}`;
    return `${left.padEnd(28)}${help}${fallback === undefined ? '' : ` (${fallback})`}`;
  });
  return [`Usage: ${command} [options]`, ...rows].join('\n');
}
