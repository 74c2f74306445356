import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from './configuration';
import { streamSettingsSchema } from './stream';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/configuration.md', root), 'utf8');
const defaults: Readonly<Record<string, unknown>> = configurationSchema.parse({});
const streamDefaults: Readonly<Record<string, unknown>> = streamSettingsSchema.parse({});

/** Texts in single backquotes and keys of flags that look like a path into the configuration. */
const paths = [...page.matchAll(/(?:`|--)([a-z][A-Za-z]*(?:\.[a-z][A-Za-z0-9]*)*)(?=[`=])/g)]
  .map(([, path]) => path as string)
  .filter((path) => [defaults, streamDefaults].some((known) => first(path) in known));

function first(path: string): string {
  return path.split('.')[0] as string;
}

function lookUp(path: string, within: unknown): unknown {
  let value = within;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

describe('docs/configuration.md', () => {
  it.each([...new Set(paths)])('names %s as the schema does', (path) => {
    const found = lookUp(path, defaults) ?? lookUp(path, streamDefaults);
    expect(found).toBeDefined();
  });

  it.each(Object.keys(defaults))('has the section %s', (section) => {
    expect(paths.map(first)).toContain(section);
  });

  it.each(Object.keys(streamDefaults))('has %s of a stream', (setting) => {
    expect(page).toMatch(new RegExp(`\\b${setting}\\b`));
  });

  const { novelLines } = configurationSchema.parse({}).detection;
  it.each([...Object.keys(novelLines), ...Object.keys(novelLines.quarantine)])(
    'explains %s of novel lines',
    (key) => {
      expect(page).toMatch(
        new RegExp(`\`detection\\.novelLines\\.(quarantine\\.)?${key}|\\b${key}:`),
      );
    },
  );

  it('has examples that are valid and of which nothing is ignored', () => {
    const examples = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text as string);
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const example of examples) {
      expect(configurationSchema.safeParse(parse(example)).error).toBeUndefined();
    }
  });
});
