/** The `LogStream` of this process. */
export const LOG_STREAM = Symbol('LOG_STREAM');
