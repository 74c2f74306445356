import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from './configuration';

const root = new URL('../../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('config/default.yaml', () => {
  it('has every key of the schema with its default, and no other', () => {
    expect(parse(text('config/default.yaml'))).toEqual(configurationSchema.parse({}));
  });

  it('explains every key that is not obvious by a comment in its section', () => {
    const lines = text('config/default.yaml').split('\n');
    const sections = lines.flatMap((line, index) => (/^\w+:/.test(line) ? [index] : []));
    for (const [position, start] of sections.entries()) {
      const section = lines.slice(start - 1, sections[position + 1] ?? lines.length);
      expect(
        section.some((line) => line.trimStart().startsWith('#')),
        `${lines[start]} has a comment`,
      ).toBe(true);
    }
  });
});

describe('the profiles', () => {
  // What a profile leaves to the environment because it differs by installation.
  const environment = {
    logStream: { kafka: { brokers: ['kafka:9092'] } },
    artifacts: { s3: { bucket: 'models' } },
  };
  const profiles = [
    ...readdirSync(new URL('config/', root))
      .filter((name) => name !== 'default.yaml')
      .map((name) => `config/${name}`),
    'deploy/k8s/base/site.yaml',
    'deploy/k8s/overlays/example/site.yaml',
  ];

  it.each(profiles)('%s fits the schema', (name) => {
    const profile: Record<string, unknown> = parse(text(name));
    const whole = { ...profile };
    for (const [section, values] of Object.entries(environment)) {
      const own = profile[section];
      if (typeof own === 'object') whole[section] = { ...values, ...own };
    }
    expect(configurationSchema.safeParse(whole).error).toBeUndefined();
  });

  it('embedded starts the demo and speaks to a person', () => {
    const { demo, log } = configurationSchema.parse(parse(text('config/embedded.yaml')));
    expect({ demo, format: log.format }).toEqual({ demo: true, format: 'pretty' });
  });
});
