import { HttpErrorResponse } from '@angular/common/http';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problemOf } from './problem-of';

const BODY = {
  type: 'urn:logbert:problem:training/source',
  title: 'Unprocessable content',
  status: 422,
  detail: 'The source has too few windows: send more lines.',
  code: 'training/source',
  errors: [{ field: 'source.path', reason: 'no such file' }],
};

describe('problemOf', () => {
  it('shows a problem document, also when it comes as text or as the cause of another error', () => {
    const answer = new HttpErrorResponse({ status: 422, error: BODY });
    const text = new HttpErrorResponse({ status: 422, error: JSON.stringify(BODY) });
    const wrapped = new Error('resource', { cause: answer });
    for (const error of [answer, text, wrapped]) {
      expect(problemOf(error)).toMatchObject({ detail: BODY.detail, errors: BODY.errors });
    }
  });

  it('says what to do when no answer comes', () => {
    expect(problemOf(new HttpErrorResponse({ status: 0 })).detail).toContain('is running');
  });

  it('names the status of an answer that is no problem document', () => {
    const error = new HttpErrorResponse({ status: 502, error: '<html>Bad gateway</html>' });
    expect(problemOf(error)).toMatchObject({ title: 'The server answered 502', status: 502 });
  });

  it('names the fields of an answer that is not understood', () => {
    const { error } = z.object({ items: z.array(z.string()) }).safeParse({});
    expect(problemOf(error).errors).toEqual([{ field: 'items', reason: expect.any(String) }]);
  });
});
