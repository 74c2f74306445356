import { Module } from '@nestjs/common';
import { IncidentChanges } from './incident-changes';
import { IncidentCloser } from './incident-closer';
import { IncidentLog } from './incident-log';
import { IncidentRecorder } from './incident-recorder';
import { IncidentsController } from './incidents.controller';
import { IncidentsService } from './incidents.service';

@Module({
  controllers: [IncidentsController],
  providers: [IncidentChanges, IncidentRecorder, IncidentCloser, IncidentLog, IncidentsService],
  exports: [IncidentChanges, IncidentRecorder, IncidentsService],
})
export class IncidentsModule {}
