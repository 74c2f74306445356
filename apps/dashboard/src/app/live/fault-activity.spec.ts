import { demoFaultSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { isFaultActive } from './fault-activity';

const fault = (isActive: boolean, activeUntil: number | null) =>
  demoFaultSchema.parse({
    name: 'disk-full',
    title: 'The disk is full',
    service: 'db-proxy',
    isActive,
    activeUntil,
  });
const at = (nowMs: number) => () => nowMs;

describe('isFaultActive', () => {
  it('ends with its time, though the shop has not said so yet', () => {
    expect(isFaultActive(fault(true, 1_000), 'live', at(999))).toBe(true);
    expect(isFaultActive(fault(true, 1_000), 'live', at(1_000))).toBe(false);
  });

  it('lasts as long as the shop says where no end is known', () => {
    expect(isFaultActive(fault(true, null), 'live', at(1_000))).toBe(true);
    expect(isFaultActive(fault(false, null), 'live', at(1_000))).toBe(false);
  });

  it('ends with the shop', () => {
    expect(isFaultActive(fault(true, 1_000), 'stopped', at(0))).toBe(false);
  });
});
