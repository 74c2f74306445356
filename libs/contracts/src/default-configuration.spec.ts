import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from './configuration';

const folder = new URL('../../../config/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

describe('config/default.yaml', () => {
  it('has every key of the schema with its default, and no other', () => {
    expect(parse(text('default.yaml'))).toEqual(configurationSchema.parse({}));
  });

  it('explains every key that is not obvious by a comment in its section', () => {
    const lines = text('default.yaml').split('\n');
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
  const profiles = readdirSync(folder).filter((name) => name !== 'default.yaml');

  it.each(profiles)('%s fits the schema', (name) => {
    const profile = parse(text(name)) as Record<string, object>;
    const whole = { ...profile };
    for (const [section, values] of Object.entries(environment)) {
      if (whole[section]) whole[section] = { ...whole[section], ...values };
    }
    expect(configurationSchema.safeParse(whole).error).toBeUndefined();
  });

  it('embedded starts the demo and speaks to a person', () => {
    const { demo, log } = configurationSchema.parse(parse(text('embedded.yaml')));
    expect({ demo, format: log.format }).toEqual({ demo: true, format: 'pretty' });
  });
});
