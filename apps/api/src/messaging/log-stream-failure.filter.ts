import { Failure } from '@logbert/failure';
import { Catch, Logger, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Hands a handler's error back to the transport: a retriable failure makes the batch come again,
 * anything else has its records parked.
 */
@Catch()
export class LogStreamFailureFilter implements RpcExceptionFilter {
  private readonly logger = new Logger('LogStream');

  catch(error: unknown): Observable<never> {
    if (error instanceof Failure) {
      const outcome = error.retriable ? 'the batch will be tried again' : 'its records are parked';
      this.logger.warn(`${error.code}: ${error.message}; ${outcome}`);
    } else {
      this.logger.error(error);
    }
    return throwError(() => error);
  }
}
