import {
  type Incident,
  type IncidentPatch,
  LIVE_EVENTS,
  type Page,
  type PageQuery,
} from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { Inject, Injectable } from '@nestjs/common';
import { ConflictFailure, NotFoundFailure } from '../problems/request-failure';
import { DATABASE } from '../storage/database.token';
import { IncidentChanges } from './incident-changes';

export interface IncidentFilter {
  readonly stream?: string | undefined;
  readonly state?: Incident['state'] | undefined;
}

/** Incidents as people see and handle them. */
@Injectable()
export class IncidentsService {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly changes: IncidentChanges,
  ) {}

  list(filter: IncidentFilter, page: PageQuery): Promise<Page<Incident>> {
    return this.database.repositories.incidents.list({ ...filter, page });
  }

  async get(id: string): Promise<Incident> {
    const incident = await this.database.repositories.incidents.find(id);
    if (!incident) throw new NotFoundFailure('incident', id);
    return incident;
  }

  async patch(id: string, patch: IncidentPatch): Promise<Incident> {
    const { stream } = await this.get(id);
    const incident = await this.database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      const before = await repositories.incidents.find(id);
      if (!before) throw new NotFoundFailure('incident', id);
      if (patch.state === 'closed' && before.state === 'closed') {
        throw new ConflictFailure('The incident is closed already.');
      }
      const after: Incident = {
        ...before,
        isAcknowledged: patch.isAcknowledged ?? before.isAcknowledged,
        ...(patch.state === 'closed' ? { state: 'closed', closedAt: Date.now() } : {}),
      };
      await repositories.incidents.save(after);
      await repositories.events.append({ type: LIVE_EVENTS.incident, data: after });
      return after;
    });
    if (patch.state === 'closed') this.changes.tell({ kind: 'closed', incident });
    return incident;
  }
}
