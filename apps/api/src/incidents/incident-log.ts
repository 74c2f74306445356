import type { Incident } from '@logbert/contracts';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { IncidentChanges } from './incident-changes';

const NAMED_SERVICES = 3;

function openedText({ id, stream, title, severity, services }: Incident): string {
  const named = services.slice(0, NAMED_SERVICES).join(', ');
  const others = services.length - NAMED_SERVICES;
  const more = others > 0 ? ` and ${others} more` : '';
  return `Incident ${id} opened (${severity}, stream ${stream}, ${named}${more}): ${title}`;
}

function closedText({ id, anomalyCount, retractedCount }: Incident): string {
  const anomalies = anomalyCount === 1 ? '1 anomaly' : `${anomalyCount} anomalies`;
  const back = retractedCount >= anomalyCount ? ', all taken back' : '';
  return `Incident ${id} closed after ${anomalies}${back}.`;
}

/** Says in the log when an incident opens and closes, for whoever has nothing else before them. */
@Injectable()
export class IncidentLog implements OnModuleDestroy {
  private readonly logger = new Logger('Incidents');
  private readonly subscription;

  constructor(changes: IncidentChanges) {
    this.subscription = changes.all.subscribe(({ kind, incident }) => {
      if (kind === 'opened') this.logger.warn(openedText(incident));
      else if (kind === 'closed') this.logger.log(closedText(incident));
    });
  }

  onModuleDestroy(): void {
    this.subscription.unsubscribe();
  }
}
