import { type Incident, LIVE_EVENTS, type RootCauseReport } from '@logbert/contracts';
import type { Database } from '@logbert/database';
import { Inject, Injectable } from '@nestjs/common';
import { NotFoundFailure } from '../problems/request-failure';
import { DATABASE } from '../storage/database.token';

/** Keeps root-cause reports and puts their head on the incident. */
@Injectable()
export class ReportKeeper {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async incident(id: string): Promise<Incident> {
    const incident = await this.database.repositories.incidents.find(id);
    if (!incident) throw new NotFoundFailure('incident', id);
    return incident;
  }

  find(incidentId: string): Promise<RootCauseReport | undefined> {
    return this.database.repositories.rootCauses.find(incidentId);
  }

  async save(report: RootCauseReport, stream: string): Promise<void> {
    const { incidentId } = report;
    await this.database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      const before = await repositories.incidents.find(incidentId);
      if (!before) throw new NotFoundFailure('incident', incidentId);
      const [top] = report.causes;
      const topCause = top ? { service: top.service, title: top.title, score: top.score } : null;
      const after: Incident = { ...before, topCause };
      await repositories.rootCauses.save(report);
      await repositories.incidents.save(after);
      await repositories.events.append({
        type: LIVE_EVENTS.rootCause,
        data: { incidentId, incident: after },
      });
    });
  }
}
