import { ROUTES } from '@logbert/contracts';
import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { buildOpenApi } from './build-open-api';

/** The document at `/api/docs-json` and its reading room at `/api/docs`. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup(ROUTES.docs, app, () => buildOpenApi(), {
    jsonDocumentUrl: ROUTES.openApi,
    customSiteTitle: 'LogBERT API',
  });
}
