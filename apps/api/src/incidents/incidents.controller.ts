import {
  type Incident,
  type IncidentPatch,
  incidentPatchSchema,
  type Page,
  pageQuerySchema,
  ROUTES,
  streamNameSchema,
} from '@logbert/contracts';
import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { IncidentsService } from './incidents.service';

export const incidentListQuerySchema = pageQuerySchema.extend({
  stream: streamNameSchema.optional(),
  state: z.enum(['open', 'closed']).optional(),
});

@Controller()
export class IncidentsController {
  constructor(private readonly incidents: IncidentsService) {}

  @Get(ROUTES.incidents)
  list(
    @Query(new ZodPipe(incidentListQuerySchema, 'query'))
    { stream, state, ...page }: z.infer<typeof incidentListQuerySchema>,
  ): Promise<Page<Incident>> {
    return this.incidents.list({ stream, state }, page);
  }

  @Get(ROUTES.incident)
  get(@Param('id') id: string): Promise<Incident> {
    return this.incidents.get(id);
  }

  @Patch(ROUTES.incident)
  patch(
    @Param('id') id: string,
    @Body(new ZodPipe(incidentPatchSchema)) patch: IncidentPatch,
  ): Promise<Incident> {
    return this.incidents.patch(id, patch);
  }
}
