import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Problem } from '@logbert/contracts';
import type { Request, Response } from 'express';
import { problemOf } from './problem-of';
import { RepeatedWarnings } from './repeated-warnings';

/** The outer wall of HTTP: every error becomes a problem document (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('HTTP');
  private readonly warnings = new RepeatedWarnings((text) => this.logger.warn(text));

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const { problem, retryAfterSeconds } = problemOf(error, request.path);
    if (problem.code === 'internal') this.logger.error(error);
    else if (problem.status >= 500)
      this.warnings.say(`${request.method} ${request.path}: ${problem.detail}`);

    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (retryAfterSeconds !== undefined)
      response.setHeader('retry-after', String(retryAfterSeconds));
    response.status(problem.status);
    this.write(problem, request, response);
  }

  /** What the body says. */
  protected write(problem: Problem, _request: Request, response: Response): void {
    response.type('application/problem+json').send(JSON.stringify(problem));
  }
}
