import { describe, expect, it } from 'vitest';
import { ageByName } from './rotated-name';

describe('ageByName', () => {
  it.each([
    ['app.log', 'app.log.1', 1],
    ['app.log', 'app.log.12', 12],
    ['app.log', 'app.log.old', 0],
    ['app.log', 'app.log-20260301', 0],
    ['app.log', 'app.log.2026-03-01T10:00:00', 0],
    ['app.log', 'app-2026-03-01.log', 0],
    ['app.log', 'app.2026-03-01.3.log', 0],
    ['0.log', '0.log.20260301-101500', 0],
    ['syslog', 'syslog.1', 1],
  ])('takes a file of %s that is named %s for rotated', (log, name, age) => {
    expect(ageByName(log, name)).toBe(age);
  });

  it.each([
    ['app.log', 'app.log'],
    ['app.log', 'app.log.1.gz'],
    ['app.log', 'app.log.swp'],
    ['app.log', 'app-1.log'],
    ['app.log', 'app-errors.log'],
    ['app.log', 'other.log.1'],
    ['worker-1.log', 'worker-10.log'],
  ])('takes, beside %s, a file that is named %s for another one', (log, name) => {
    expect(ageByName(log, name)).toBeUndefined();
  });
});
