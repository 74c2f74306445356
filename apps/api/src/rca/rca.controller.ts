import {
  type RootCauseReport,
  type RootCauseRequest,
  rootCauseRequestSchema,
  ROUTES,
} from '@logbert/contracts';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ZodPipe } from '../problems/zod-pipe';
import { RcaService } from './rca.service';

@Controller()
export class RcaController {
  constructor(private readonly rca: RcaService) {}

  @Post(ROUTES.rca)
  @HttpCode(200)
  analyse(
    @Body(new ZodPipe(rootCauseRequestSchema)) { incidentId }: RootCauseRequest,
  ): Promise<RootCauseReport> {
    return this.rca.analyse(incidentId);
  }

  @Get(ROUTES.incidentRootCause)
  get(@Param('id') id: string): Promise<RootCauseReport> {
    return this.rca.get(id);
  }
}
