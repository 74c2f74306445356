import {
  demoCommandSchema,
  type DemoFaultName,
  demoFaultNameSchema,
  type DemoState,
  ROUTES,
} from '@logbert/contracts';
import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import type { z } from 'zod';
import { ZodPipe } from '../problems/zod-pipe';
import { DemoService } from './demo.service';

@Controller()
export class DemoController {
  constructor(private readonly demo: DemoService) {}

  @Get(ROUTES.demo)
  get(): DemoState {
    return this.demo.state;
  }

  @Patch(ROUTES.demo)
  patch(
    @Body(new ZodPipe(demoCommandSchema)) { isAutomatic }: z.infer<typeof demoCommandSchema>,
  ): Promise<DemoState> {
    return this.demo.setAutomatic(isAutomatic);
  }

  @Post(ROUTES.demoFault)
  @HttpCode(202)
  switchOn(
    @Param('name', new ZodPipe(demoFaultNameSchema, 'name')) name: DemoFaultName,
  ): Promise<DemoState> {
    return this.demo.switchOn(name);
  }
}
