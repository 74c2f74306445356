import { closeSync, openSync, writeSync } from 'node:fs';
import { RandomSource } from '../demo/random-source';
import { findSystems, readTrueLines } from '../evaluate/template-systems';
import { readLines } from '../reading/read-lines';
import { UsageError } from '../reporting/options';

const WRITTEN_AT_ONCE = 10_000;

/** The messages of a file, one a line, empty ones left out. */
export async function messagesOfFile(file: string): Promise<readonly string[]> {
  const messages: string[] = [];
  for await (const line of readLines(file)) if (line !== '') messages.push(line);
  if (messages.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return messages;
}

/** The messages of all systems of a folder, one system after the other for each message, until all have had theirs. */
export async function messagesOfSystems(directory: string): Promise<readonly string[]> {
  const bySystem: string[][] = [];
  for (const system of findSystems(directory, undefined)) {
    const messages: string[] = [];
    for await (const { content } of readTrueLines(system))
      if (content !== '') messages.push(content);
    bySystem.push(messages);
  }
  const longest = Math.max(...bySystem.map(({ length }) => length));
  const mixed = Array.from({ length: longest }, (_, index) =>
    bySystem.flatMap((messages) => messages[index] ?? []),
  ).flat();
  if (mixed.length === 0) throw new UsageError(`${directory}: there is no line in it`);
  return mixed;
}

/**
 * Writes messages, again and again until there are enough, each run of two or more digits drawn anew.
 *
 * Line ends inside a message become spaces, which templates do not tell apart.
 */
export function writeVaried(messages: readonly string[], lines: number, file: string): void {
  const random = new RandomSource(1);
  const redraw = (digits: string): string => {
    let drawn = '';
    while (drawn.length < digits.length) drawn += random.int(0, 9);
    return drawn;
  };
  const descriptor = openSync(file, 'w');
  try {
    let pending: string[] = [];
    for (let line = 0; line < lines; line++) {
      const message = messages[line % messages.length] ?? '';
      pending.push(message.replace(/\r\n?|\n/g, ' ').replace(/[0-9]{2,}/g, redraw));
      if (pending.length < WRITTEN_AT_ONCE && line + 1 < lines) continue;
      writeSync(descriptor, `${pending.join('\n')}\n`);
      pending = [];
    }
  } finally {
    closeSync(descriptor);
  }
}
