import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { IncidentChanges } from './incident-changes';

/** Says in the log when an incident opens and closes, for whoever has nothing else before them. */
@Injectable()
export class IncidentLog implements OnModuleDestroy {
  private readonly logger = new Logger('Incidents');
  private readonly subscription;

  constructor(changes: IncidentChanges) {
    this.subscription = changes.all.subscribe(({ kind, incident }) => {
      const { id, stream, title, severity, services, anomalyCount } = incident;
      if (kind === 'opened') {
        this.logger.warn(
          `Incident ${id} opened (${severity}, stream ${stream}, ${services.join(', ')}): ${title}`,
        );
      } else if (kind === 'closed') {
        this.logger.log(`Incident ${id} closed after ${anomalyCount} abnormal windows.`);
      }
    });
  }

  onModuleDestroy(): void {
    this.subscription.unsubscribe();
  }
}
