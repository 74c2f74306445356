import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from './metrics';

const server = new URL('../../../apps/api/src/', import.meta.url);
const source = readdirSync(server, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('spec.ts'))
  .map((path) => readFileSync(new URL(path, server), 'utf8'))
  .join('\n');

describe('the server', () => {
  it.each(Object.keys(METRICS))('counts or measures %s', (key) => {
    expect(source).toMatch(new RegExp(`\\bMETRICS\\.${key}\\b`));
  });
});
