/**
 * The lines of a file over and over until there are so many. From the second time on every session key gets a suffix of its
 * own, so that sessions are new ones.
 *
 * @param texts at least one
 * @param sessionKey finds the keys; without one the lines come again as they are
 */
export function* repeatLines(
  texts: readonly string[],
  lines: number,
  sessionKey?: RegExp,
): Generator<string, void, undefined> {
  const everyKey = sessionKey && new RegExp(sessionKey.source, 'g');
  for (let line = 0; line < lines; line++) {
    const text = texts[line % texts.length] ?? '';
    const round = Math.floor(line / texts.length);
    if (round === 0 || !everyKey) yield text;
    // Digits, which any pattern of an id is likely to take.
    else yield text.replace(everyKey, (key) => `${key}${String(round).padStart(3, '0')}`);
  }
}
