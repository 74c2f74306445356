import { HttpContextToken, HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { tap } from 'rxjs';
import { ApiKey } from './api-key';

/** A key to try for one request in place of the tab's own. */
export const TRIED_KEY = new HttpContextToken<string | null>(() => null);

/** Sends the tab's API key, and opens the sign-in when the server asks for one. */
export const bearerInterceptor: HttpInterceptorFn = (request, next) => {
  const apiKey = inject(ApiKey);
  const tried = request.context.get(TRIED_KEY);
  const key = tried ?? apiKey.value();
  const sent =
    key === null ? request : request.clone({ setHeaders: { Authorization: `Bearer ${key}` } });
  return next(sent).pipe(
    tap({
      error: (error: unknown) => {
        if (tried === null && error instanceof HttpErrorResponse && error.status === 401) {
          apiKey.refuse();
        }
      },
    }),
  );
};
