import { Module } from '@nestjs/common';
import { GrouperKeeper } from './grouper-keeper';
import { IncidentChanges } from './incident-changes';
import { IncidentCloser } from './incident-closer';
import { IncidentLog } from './incident-log';
import { IncidentRecorder } from './incident-recorder';
import { IncidentsController } from './incidents.controller';
import { IncidentsService } from './incidents.service';

@Module({
  controllers: [IncidentsController],
  providers: [
    GrouperKeeper,
    IncidentChanges,
    IncidentRecorder,
    IncidentCloser,
    IncidentLog,
    IncidentsService,
  ],
  exports: [IncidentChanges, IncidentRecorder, IncidentsService],
})
export class IncidentsModule {}
