import { BodyFailure } from './body-failure';
import { decodeUtf8 } from './utf8';

/** The JSON value of a request's body. @throws BodyFailure `json` or `not-utf8` */
export function parseBody(body: Uint8Array): unknown {
  const text = decodeUtf8(body);
  if (text === undefined) throw new BodyFailure('not-utf8', 'the body is not UTF-8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BodyFailure('json', `the body is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
