const CHUNK = 4_096;

/**
 * A copy of a text that does not keep the text it was cut from in memory.
 *
 * A slice may be a view of its whole parent; a token kept for months would hold a line of a megabyte.
 */
export function ownCopy(text: string): string {
  if (text.length < 13) return text;
  let copy = '';
  for (let start = 0; start < text.length; start += CHUNK) {
    const units: number[] = [];
    const end = Math.min(start + CHUNK, text.length);
    for (let index = start; index < end; index++) units.push(text.charCodeAt(index));
    copy += String.fromCharCode(...units);
  }
  return copy;
}
