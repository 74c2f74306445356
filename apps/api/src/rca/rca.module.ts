import { Module } from '@nestjs/common';
import { IncidentsModule } from '../incidents/incidents.module';
import { EvidenceReader } from './evidence-reader';
import { Narrator } from './narrator';
import { RcaAutomation } from './rca-automation';
import { RcaController } from './rca.controller';
import { RcaService } from './rca.service';
import { ReportKeeper } from './report-keeper';

@Module({
  imports: [IncidentsModule],
  controllers: [RcaController],
  providers: [EvidenceReader, ReportKeeper, Narrator, RcaService, RcaAutomation],
})
export class RcaModule {}
