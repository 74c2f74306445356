interface PinoLine {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly context?: string;
  readonly err?: { readonly stack?: string };
  readonly details?: readonly unknown[];
}

const LEVELS = new Map([
  [10, 'TRACE'],
  [20, 'DEBUG'],
  [30, 'INFO'],
  [40, 'WARN'],
  [50, 'ERROR'],
  [60, 'FATAL'],
]);

/** Writes one of pino's JSON lines as `12:00:00 INFO [context] message`. */
export function writePretty(line: string, output: NodeJS.WritableStream): void {
  const { level, time, msg, context, err, details } = JSON.parse(line) as PinoLine;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const head = `${clock} ${(LEVELS.get(level) ?? `${level}`).padEnd(5)}`;
  const body = [context ? `[${context}]` : '', onOneLine(msg ?? '')].filter(Boolean).join(' ');
  const tail = [err?.stack, ...(details ?? []).map(textOf)].filter(Boolean);
  output.write([`${head} ${body}`, ...tail].join('\n') + '\n');
}

function textOf(detail: unknown): string {
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}

/** What comes from log lines of others must not look like lines of its own, nor speak to the terminal. */
function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
