import { randomUUID } from 'node:crypto';
import { configurationSchema, type Incident, incidentSchema } from '@logbert/contracts';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type IncidentChange, IncidentChanges } from '../incidents/incident-changes';
import { RcaAutomation } from './rca-automation';
import type { RcaService } from './rca.service';

const { rca: CONFIG } = configurationSchema.parse({ rca: { settleMs: 2_000 } });

describe('RcaAutomation', () => {
  let incident: Incident;
  let reportMs: number;
  let changes: IncidentChanges;
  let automation: RcaAutomation;
  const analyse = vi.fn();

  beforeEach(async () => {
    vi.useFakeTimers();
    incident = incidentSchema.parse({
      ...{
        id: randomUUID(),
        stream: 'shop',
        state: 'open',
        isAcknowledged: false,
        severity: 'low',
      },
      ...{ title: 'odd', openedAt: 1, lastSeenAt: 1, closedAt: null, anomalyCount: 10 },
      ...{ retractedCount: 0, minPValue: 0.001, services: [], culprits: [], similar: [] },
      topCause: null,
    });
    reportMs = 10;
    analyse.mockReset().mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, reportMs));
      return { anomalyCount: incident.anomalyCount };
    });
    changes = new IncidentChanges();
    const repositories = {
      incidents: { open: async () => [], find: async () => incident },
      rootCauses: { find: async () => undefined },
    };
    automation = new RcaAutomation({ repositories }, CONFIG, changes, {
      analyse,
    } as Partial<RcaService> as RcaService);
    await automation.onApplicationBootstrap();
  });
  afterEach(async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    vi.restoreAllMocks();
    await automation.beforeApplicationShutdown();
  });

  const tell = (kind: IncidentChange['kind']) => changes.tell({ kind, incident });

  it('looks at an incident soon after it opened, and again when it grew notably', async () => {
    tell('opened');
    await vi.advanceTimersByTimeAsync(2_100);
    expect(analyse).toHaveBeenCalledTimes(1);
    incident = { ...incident, anomalyCount: 14 };
    tell('extended');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(analyse).toHaveBeenCalledTimes(1);
    incident = { ...incident, anomalyCount: 15 };
    tell('extended');
    await vi.advanceTimersByTimeAsync(2_100);
    expect(analyse).toHaveBeenCalledTimes(2);
  });

  it('rests after a report that took long, by that time and at most a minute', async () => {
    reportMs = 1_000;
    tell('opened');
    await vi.advanceTimersByTimeAsync(3_000);
    tell('completed');
    await vi.advanceTimersByTimeAsync(19_000);
    expect(analyse).toHaveBeenCalledTimes(1);
    reportMs = 30_000;
    await vi.advanceTimersByTimeAsync(31_100);
    expect(analyse).toHaveBeenCalledTimes(2);
    tell('completed');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(analyse).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(analyse).toHaveBeenCalledTimes(3);
  });

  it('rests after a report that failed, too', async () => {
    vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    analyse.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      throw new Error('too slow');
    });
    tell('opened');
    await vi.advanceTimersByTimeAsync(3_100);
    tell('extended');
    await vi.advanceTimersByTimeAsync(18_000);
    expect(analyse).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(analyse).toHaveBeenCalledTimes(2);
  });

  it('looks at once at an incident that closes while it rests', async () => {
    reportMs = 1_000;
    tell('opened');
    await vi.advanceTimersByTimeAsync(3_000);
    tell('completed');
    incident = { ...incident, state: 'closed', closedAt: 2 };
    tell('closed');
    await vi.advanceTimersByTimeAsync(10);
    expect(analyse).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(analyse).toHaveBeenCalledTimes(2);
  });

  it('reports on an incident once at a time, and at the end on what came meanwhile', async () => {
    reportMs = 10_000;
    tell('opened');
    await vi.advanceTimersByTimeAsync(2_100);
    for (let count = 11; count < 30; count++) {
      incident = { ...incident, anomalyCount: count };
      tell('extended');
      await vi.advanceTimersByTimeAsync(400);
    }
    expect(analyse).toHaveBeenCalledTimes(1);
    incident = { ...incident, state: 'closed', closedAt: 2 };
    tell('closed');
    await vi.advanceTimersByTimeAsync(2_500);
    expect(analyse).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(analyse).toHaveBeenCalledTimes(2);
  });

  it('looks again after its rest when it grew notably meanwhile', async () => {
    reportMs = 1_000;
    const seen = { anomalyCount: 10 };
    analyse.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, reportMs));
      return seen;
    });
    tell('opened');
    await vi.advanceTimersByTimeAsync(2_100);
    incident = { ...incident, anomalyCount: 20 };
    tell('extended');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(analyse).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(analyse).toHaveBeenCalledTimes(2);
  });
});
