import { ROUTES, type Upload } from '@logbert/contracts';
import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { UploadsService } from './uploads.service';

@Controller()
export class UploadsController {
  constructor(private readonly uploads: UploadsService) {}

  /** The body is the file, plain or gzip, whatever its content type says. */
  @Post(ROUTES.uploads)
  @HttpCode(201)
  keep(@Req() request: Request): Promise<Upload> {
    return this.uploads.keep(request);
  }
}
