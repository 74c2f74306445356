import { incidentSchema } from '@logbert/contracts';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { IncidentChanges } from './incident-changes';
import { IncidentLog } from './incident-log';

const incident = incidentSchema.parse({
  id: '0198f1c2-0000-7000-8000-000000000001',
  stream: 'shop',
  state: 'open',
  isAcknowledged: false,
  severity: 'high',
  title: 'bank timed out',
  openedAt: 1,
  lastSeenAt: 2,
  closedAt: null,
  anomalyCount: 3,
  minPValue: 1e-4,
  services: ['payment', 'gateway'],
  culprits: [],
  similar: [],
  topCause: null,
});

describe('IncidentLog', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('names few services, and says when nothing was left', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const log = vi.spyOn(Logger.prototype, 'log').mockReturnValue();
    const changes = new IncidentChanges();
    const own = new IncidentLog(changes);
    changes.tell({
      kind: 'opened',
      incident: { ...incident, services: ['a', 'b', 'c', 'd', 'e'] },
    });
    changes.tell({ kind: 'closed', incident: { ...incident, retractedCount: 3 } });
    expect(warn.mock.calls[0]?.[0]).toContain('a, b, c and 2 more): bank timed out');
    expect(log.mock.calls[0]?.[0]).toContain('closed after 3 anomalies, all taken back.');
    own.onModuleDestroy();
  });

  it('says once that an incident opened, and that it closed', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const log = vi.spyOn(Logger.prototype, 'log').mockReturnValue();
    const changes = new IncidentChanges();
    const own = new IncidentLog(changes);
    for (const kind of ['opened', 'extended', 'completed', 'closed'] as const) {
      changes.tell({ kind, incident });
    }
    expect(warn.mock.calls).toEqual([
      [
        'Incident 0198f1c2-0000-7000-8000-000000000001 opened (high, stream shop, payment, gateway): bank timed out',
      ],
    ]);
    expect(log.mock.calls).toEqual([
      ['Incident 0198f1c2-0000-7000-8000-000000000001 closed after 3 anomalies.'],
    ]);
    own.onModuleDestroy();
    changes.tell({ kind: 'opened', incident });
    expect(warn).toHaveBeenCalledOnce();
  });
});
